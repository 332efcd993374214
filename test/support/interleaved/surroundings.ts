import type { Hands } from '../../../src/effects/every-effect.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import type { StreamCheck, StreamWrite } from '../../../src/event-log/event-log.js';
import type { Forge } from '../../../src/integrations/forge.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { START_MS } from '../given.js';
import { policyWith, SELF_HOSTING_PROJECT } from '../policy.js';
import { Desk } from './desk.js';
import { Hosts } from './hosts.js';
import { Repository } from './repository.js';
import { Turns, type Life } from './turns.js';

export const REPO = SELF_HOSTING_PROJECT.repo;
const PROJECT = { staging: { command: 'stage', healthUrl: '' }, production: { command: 'deploy' } };

/** A log in memory that can be looked at without waiting. */
class OpenLog extends InMemoryEventLog {
  readonly events: RecordedEvent[] = [];

  override async append(writes: readonly StreamWrite[], checks: readonly StreamCheck[] = []) {
    const answer = await super.append(writes, checks);
    const news = await this.readAll({ after: this.events.length });
    this.events.push(...news.filter(({ position }) => position > this.events.length));
    return answer;
  }
}

/** Everything that outlives a process: the log with the checkpoints, the tracker, the forge, the hosts, and the time. */
export class Surroundings {
  nowMs = START_MS;
  readonly clock = { now: () => this.nowMs };
  readonly turns = new Turns();
  readonly log = new OpenLog({ clock: this.clock });
  readonly checkpoints = new Map<string, number>();
  readonly repository = new Repository();
  readonly desk = new Desk(SELF_HOSTING_PROJECT.planeProjectId, this.clock);
  readonly hosts = new Hosts(this.turns, { now: this.clock.now, head: () => this.log.events.length });
  /** Asked of the world by a process that is gone, and still on its way. */
  readonly late: Request[] = [];
  private readonly underWay = new Map<Life, Set<Request>>();

  readonly policy: Policy = policyWith({
    projects: [SELF_HOSTING_PROJECT],
    serialGate: { enabled: false },
    postDeploy: { enabled: false },
  });

  /** The process dies; what it had sent off may still arrive. */
  end(life: Life): void {
    this.turns.end(life);
    this.late.push(...(this.underWay.get(life)?.values() ?? []));
    this.underWay.delete(life);
  }

  hands(life: Life): Omit<Hands, 'leases'> {
    const project = {
      of: () => PROJECT,
      runTests: async () => ({ passed: true, tail: '' }),
      stagingRevision: async () => ({ kind: 'read', revision: this.hosts.staging ?? this.repository.main.head }),
    };
    const hooks = this.hosts.hooks(life, (arrive, what) => this.sendOff(life, { what, arrive }));
    return { project, hooks } as unknown as Hands;
  }

  /** A forge whose merges may be under way when the process ends. */
  forge(life: Life): Forge {
    const forge = this.repository.forge((what) => this.turns.at(what, life));
    const merge: Forge['merge'] = (lease, { number, head }) => {
      lease.assertHeld(lease.repo);
      return this.sendOff(life, { what: `merge ${number}`, arrive: () => this.repository.merge(number, head) });
    };
    return { ...forge, merge };
  }

  private async sendOff<T>(life: Life, request: Request<T>): Promise<T> {
    const requests = this.underWay.get(life) ?? new Set();
    this.underWay.set(life, requests.add(request));
    await this.turns.at(request.what, life);
    requests.delete(request);
    return request.arrive();
  }
}

interface Request<T = unknown> {
  readonly what: string;
  readonly arrive: () => T;
}
