import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { settingsFor } from '../../../dist/sandbox/coordinates.js';
import { startSandbox } from '../../../dist/sandbox/sandbox.js';
import { freePort } from '../../support/built/free-port.mjs';
import { KeptOrchestrator } from './orchestrator.mjs';
import { plantLeftOvers } from './left-overs.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const execute = promisify(execFile);

/** One self-hosting project of the sandbox, whose production hook restarts the orchestrator that runs it. */
export class Drills {
  #item = null;

  constructor(folder, parts) {
    this.folder = folder;
    this.sandbox = parts.sandbox;
    this.service = parts.service;
  }

  static async start(folder, { ssh = false } = {}) {
    const port = await freePort();
    const at = `http://127.0.0.1:${port}/webhook`;
    const webhookUrls = { plane: `${at}/plane`, gitea: `${at}/gitea` };
    const sandbox = await startSandbox({ dataDir: folder, confirm: 'human', webhookUrls });
    const { coordinates } = sandbox;
    writeFileSync(join(folder, 'drill'), '0');
    writeFileSync(join(folder, 'point'), 'none');
    await writeFile(
      join(folder, 'projects.json'),
      JSON.stringify({ projects: coordinates.projects.map(restarting(folder)) }),
    );
    await watchReferences(folder, coordinates.bareRepositories[coordinates.repo]);
    const settings = { ...settingsFor(coordinates), ...BRISK, ORCH_SELF_HOSTING_REPO: coordinates.repo };
    const agent = `${coordinates.agentCommand} --delay-ms 0`;
    const elsewhere = ssh ? await throughSsh(folder) : {};
    const own = { ...settings, ORCH_AGENT_COMMAND: agent, ...elsewhere };
    const service = new KeptOrchestrator(folder, { port, settings: own });
    await service.start();
    return new Drills(folder, { sandbox, service });
  }

  /** From the request for a confirmation to the published log and what the verdict leads to; answers with what was seen. */
  async run({ number, point, code }) {
    const { service, sandbox } = this;
    const item = (this.#item ??= await this.#newItem());
    item.deploys += 1;
    const sent = await this.#next(item, 'ConfirmationSent', item.since);
    if (code !== 0) await sandbox.failNextDeploy('production', code);
    await plantLeftOvers(service, code === 0 ? 1 : 0);
    const { starts } = service;
    this.#arm(number, point.name);
    await sandbox.asPerson.setStatus(item.itemId, 'Confirm Deploy');
    if (point.by === 'log') await this.#strikeAfter(item, sent.position, point);
    const published = await this.#next(
      item,
      'DeployLogPublished',
      sent.position,
      ({ data }) => data.stage === 'deploy',
    );
    const outcome = code === 0 ? ['TaskAdvanced', 'done'] : ['TaskSentBack', 'development'];
    const isOutcome = ({ data }) => data.to === outcome[1];
    const end = await this.#next(item, outcome[0], sent.position, isOutcome);
    await service.ready();
    const events = (await service.events()).filter(
      (event) => event.position > sent.position && event.metadata.$correlationId === item.workItem,
    );
    const { hitExactly } = this;
    const seen = { number, point, code, hitExactly, events, published, deploys: item.deploys, workItem: item.workItem };
    item.since = end.position;
    if (code === 0) this.#item = null;
    return { ...seen, restarts: service.starts - starts, wasStruck: existsSync(join(this.folder, `struck-${number}`)) };
  }

  /** Whoever follows the log is a moment late: whether nothing else had been recorded before the kill is in the figures. */
  async #strikeAfter(item, since, { event, next }) {
    await this.#next(item, event, since);
    await execute(join(HERE, 'strike.sh'), [this.folder]);
    const events = await this.service.events();
    this.hitExactly = !events.some(({ type, position }) => position > since && type === next);
  }

  #arm(number, point) {
    this.hitExactly = true;
    writeFileSync(join(this.folder, 'drill'), String(number));
    writeFileSync(join(this.folder, 'point'), point);
  }

  async #newItem() {
    const person = this.sandbox.asPerson;
    const { itemId, workItem } = await person.createItem('Restarted by its own deploy');
    const item = { itemId, workItem, since: 0, deploys: 0 };
    await person.setStatus(itemId, 'In Progress');
    const asks = ({ data }) => data.channel === 'item-status' && data.text === 'In Review';
    await this.#next(item, 'NotificationDelivered', 0, asks);
    await person.setStatus(itemId, 'Approved');
    return item;
  }

  #next({ workItem }, type, since, fits = () => true) {
    const matches = (event) => event.type === type && event.metadata.$correlationId === workItem && fits(event);
    return this.service.happens(since, matches, { what: `${type} of ${workItem}` });
  }

  /** `<deploy id> <drill> <point>` for every time that the hook began, by its own account. */
  hookStarts() {
    const path = join(this.folder, 'starts');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' ').map(Number)).map(([deployId, drill]) => ({ deployId, drill }));
  }

  /** What the forge's own repository says. */
  async git(...args) {
    const { bareRepositories, repo } = this.sandbox.coordinates;
    return (await execute('git', ['--git-dir', bareRepositories[repo], ...args])).stdout.trim();
  }

  async end() {
    await this.service.end();
    await this.sandbox.close();
  }
}

/** Hooks run on what passes for another host: their files are in another home, and only the stand-in for ssh leads there. */
async function throughSsh(folder) {
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'home'));
  await copyFile(join(HERE, 'ssh.sh'), join(folder, 'bin', 'ssh'));
  const path = `${join(folder, 'bin')}:${process.env.PATH}`;
  return { PATH: path, ORCH_DEPLOY_SSH: 'deploy@production', ORCH_DEPLOY_POLL_INTERVAL_S: '0.2' };
}

const BRISK = { ORCH_RECONCILE_INTERVAL_S: '0.5', ORCH_RECONCILE_GRACE_DEFAULT_S: '0.5' };

function restarting(folder) {
  return (project) => {
    const words = [join(HERE, 'production-hook.sh'), folder, project.production.command];
    const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    return { ...project, production: { ...project.production, command } };
  };
}

async function watchReferences(folder, repository) {
  const hook = await readFile(join(HERE, 'forge-hook.sh'), 'utf8');
  const path = join(repository, 'hooks', 'reference-transaction');
  await mkdir(join(repository, 'hooks'), { recursive: true });
  await writeFile(
    path,
    hook.replace('FOLDER', () => `'${folder}'`).replace('HERE', () => `'${HERE}'`),
  );
  await chmod(path, 0o755);
}
