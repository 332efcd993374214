import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EnlistTask } from '../../../dist/domain/admission/commands.js';
import { ClaimJob } from '../../../dist/domain/job/commands.js';
import { InMemoryCheckpoints } from '../../../dist/event-log/in-memory/in-memory-checkpoints.js';
import { Projector } from '../../../dist/projections/engine/projector.js';
import { ReadModels } from '../../../dist/projections/engine/read-models.js';
import { READ_MODELS } from '../../../dist/projections/read-models.js';
import { Work } from '../../../dist/projections/work.js';
import { Worker } from '../../../dist/queue/worker.js';
import { SagaRunner } from '../../../dist/sagas/saga-runner.js';
import { serialGateSaga } from '../../../dist/sagas/serial-gate.js';
import { CLOCK, context, Node, openLog, POLICY } from './world.mjs';

const ROUNDS = 300;
const WARM_UP = 20;
const IDLE_MS = 8;
const AIM_MS = 5;
const HOSTS = { reachable: [{ name: 'bench', slots: 4 }], start: () => undefined, stop: async () => undefined };

/** The service's own parts around one log: commands, projector, the saga of the gate, worker. */
class Service {
  #node;
  #claimed = new Map();
  #parts;

  static async start(folder) {
    const service = new Service();
    service.log = await openLog(join(folder, 'events.db'));
    service.#node = new Node(service.log);
    const path = join(folder, 'read-models.db');
    const projector = new Projector(service.log, { path, models: READ_MODELS });
    const reads = new ReadModels(path);
    const commands = { execute: (command) => service.#execute(command) };
    const sagaWorld = { log: service.log, checkpoints: new InMemoryCheckpoints(), commands, policy: POLICY };
    const sagas = new SagaRunner(sagaWorld, [serialGateSaga]);
    const world = { log: service.log, projector, work: new Work(reads), commands, clock: CLOCK };
    const worker = new Worker(world, { pollIntervalS: 5, policy: POLICY, hosts: HOSTS });
    await projector.start();
    sagas.start();
    await worker.start();
    service.#parts = { projector, reads, sagas, worker };
    return service;
  }

  async stop() {
    const { projector, reads, sagas, worker } = this.#parts;
    await worker.stop();
    await sagas.stop();
    await projector.stop();
    await reads.close();
    await this.log.close();
  }

  /** Milliseconds from the moment in which the job was durably queued to that in which its claim was. */
  async enqueueToStart(jobId, agent) {
    const ref = { repo: `repo-${jobId}`, taskId: jobId, workItem: `IT-${jobId}` };
    if (agent === 'analyst') await this.#node.execute(new EnlistTask(`admission-${ref.repo}`, ref, context()));
    await delay(IDLE_MS);
    const claimed = new Promise((resolve) => this.#claimed.set(`job-${jobId}`, resolve));
    await this.#node.queue(jobId, agent);
    const start = performance.now();
    const took = (await claimed) - start;
    await this.#node.cancel(jobId);
    return Math.max(0, took);
  }

  async #execute(command) {
    const answer = await this.#node.execute(command);
    if (command instanceof ClaimJob && answer.events?.length > 0)
      this.#claimed.get(command.stream)?.(performance.now());
    return answer;
  }
}

export async function printStarts(print, folder) {
  print('From queued to claimed on an idle service, both on the disk');
  const service = await Service.start(folder);
  let jobs = 0;
  for (const [agent, name] of Object.entries({ developer: 'any other role', analyst: 'analyst, through admission' })) {
    const times = [];
    for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
      jobs += 1;
      times.push(await service.enqueueToStart(jobs, agent));
    }
    print(describe(name, times.slice(WARM_UP)));
  }
  await service.stop();
}

function describe(name, times) {
  times.sort((one, other) => one - other);
  const [middle, late] = [0.5, 0.99].map((part) => times[Math.floor(times.length * part)]);
  const verdict = late <= AIM_MS ? 'reached' : 'MISSED';
  return `  ${name.padEnd(28)} median ${middle.toFixed(2)} ms, p99 ${late.toFixed(2)} ms (aim ${AIM_MS} ms: ${verdict})`;
}
