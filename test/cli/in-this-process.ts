import { carryOut } from '../../src/cli/program.js';
import type { Said } from './command-line.js';

/** The command line as it is, without a process of its own: for many questions in a row. One at a time. */
export async function told(...args: readonly string[]): Promise<Said> {
  const { exitCode: before } = process;
  const [stdout, stderr] = [listenTo(process.stdout), listenTo(process.stderr)];
  process.exitCode = 0;
  try {
    const exitCode = await carryOut(args);
    const said = stdout.end();
    return { exitCode, stdout: said, stderr: stderr.end(), lines: said === '' ? [] : said.split('\n') };
  } finally {
    stdout.end();
    stderr.end();
    process.exitCode = before;
  }
}

function listenTo(stream: NodeJS.WriteStream): { end(): string } {
  const write = stream.write.bind(stream);
  let heard = '';
  stream.write = (chunk: string | Uint8Array): boolean => {
    heard += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return {
    end() {
      stream.write = write;
      return heard.trimEnd();
    },
  };
}
