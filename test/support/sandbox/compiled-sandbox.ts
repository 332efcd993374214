import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The sandbox as JavaScript that a process of its own can run, made from the sources as they are now: a test never runs an old
 * build. It lies below the project, so that it finds the installed packages.
 */
export async function compileSandbox(name: string): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = join(ROOT, '.tmp', `sandbox-${name}-${process.pid}`);
  const source = join(ROOT, 'src', 'sandbox');
  await cp(join(source, 'sample'), join(directory, 'sample'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  await Promise.all(files.map((file) => compile(join(source, file), directory, source)));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function compile(file: string, directory: string, source: string): Promise<void> {
  const { code } = await transformFile(file, {
    ...{ swcrc: false, configFile: false, module: { type: 'es6' } },
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  const target = join(directory, relative(source, file).replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
}
