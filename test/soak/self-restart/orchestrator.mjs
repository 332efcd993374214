import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSqliteEventLog } from '../../../dist/event-log/sqlite/sqlite-event-log.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const START_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 5;

/** The built service, started again whenever it is gone, as a service manager would; and its log, read from beside it. */
export class KeptOrchestrator {
  starts = 0;
  #seen = [];
  #log = null;
  #isWanted = true;

  constructor(folder, { port, settings }) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.env = {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
      ...{ ORCH_DATA_DIR: join(folder, 'data'), ORCH_PORT: String(port), ORCH_LOG_FORMAT: 'json' },
    };
  }

  get logPath() {
    return join(this.folder, 'data', 'events.db');
  }

  get output() {
    return readFileSync(join(this.folder, 'service.log'), 'utf8');
  }

  async start() {
    this.kept = this.#keep();
    await this.ready();
    this.#log = await openSqliteEventLog({ path: this.logPath, clock: { now: () => Date.now() }, readOnly: true });
  }

  async #keep() {
    while (this.#isWanted) {
      const output = openSync(join(this.folder, 'service.log'), 'a');
      const options = { cwd: this.folder, env: this.env, stdio: ['ignore', output, output] };
      this.child = spawn(process.execPath, ['--enable-source-maps', MAIN], options);
      closeSync(output);
      this.starts += 1;
      writeFileSync(join(this.folder, 'pid.new'), String(this.child.pid));
      renameSync(join(this.folder, 'pid.new'), join(this.folder, 'pid'));
      const [code] = await once(this.child, 'exit');
      if (code !== null && this.#isWanted) return;
    }
  }

  async ready() {
    const deadline = performance.now() + START_WITHIN_MS;
    while (!(await isReady(this.url))) {
      if (this.child.exitCode !== null || performance.now() > deadline)
        throw new Error(`The orchestrator did not start: ${this.output.slice(-2000)}`);
      await pause(50);
    }
  }

  async events() {
    for (;;) {
      const page = await this.#log.readAll({ after: this.#seen.at(-1)?.position ?? 0 });
      if (page.length === 0) return this.#seen;
      this.#seen.push(...page);
    }
  }

  /** The first event after the position that fits. */
  async happens(after, fits, { what, withinMs = 120_000 }) {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const events = await this.events();
      const found = events.find((event) => event.position > after && fits(event));
      if (found) return found;
      if (performance.now() > deadline) throw new Error(`${what} does not happen; last of all:\n${storyOf(events)}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  async end() {
    this.#isWanted = false;
    this.child.kill('SIGTERM');
    await this.kept;
    await this.#log.close();
  }
}

function isReady(url) {
  return fetch(`${url}/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function storyOf(events) {
  return events
    .slice(-15)
    .map(({ type, data }) => `${type} ${JSON.stringify(data).slice(0, 200)}`)
    .join('\n');
}
