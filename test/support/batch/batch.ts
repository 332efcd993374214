import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import type { NotificationDelivered } from '../../../src/domain/notification/events.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { personIn, type Person } from '../../../src/sandbox/person.js';
import type { World } from '../running/world.js';
import { until } from '../until.js';

const CLI = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of an event
export type Fact = RecordedEvent & { readonly data: any };

interface Item {
  readonly itemId: string;
  readonly workItem: string;
  readonly repo: string;
}

/** Work items of several repositories, a person who approves whatever is asked, and an operator. */
export class Batch {
  private readonly items = new Map<string, Item>();
  private readonly approved = new Set<string>();
  private approving: Promise<void> = Promise.resolve();
  private looking: Promise<readonly Fact[]> = Promise.resolve([]);
  private isOver = false;

  constructor(private readonly world: World) {}

  async create(repo: string, title: string, description: string): Promise<string> {
    const { itemId, workItem } = await this.person(repo).createItem(title, description);
    this.items.set(workItem, { itemId, workItem, repo });
    return workItem;
  }

  /** One after the other, so that the tasks are numbered in the order of the items. */
  async startAll(): Promise<void> {
    for (const { repo, itemId, workItem } of this.items.values()) {
      await this.person(repo).setStatus(itemId, 'In Progress');
      await this.happens('TaskOpened', workItem);
    }
  }

  /** As a person draws it in the tracker. */
  async blockedBy(workItem: string, other: string): Promise<void> {
    const { trackerUrl, workspace, projects, tokens } = this.world.sandbox.coordinates;
    const { repo, itemId } = this.item(workItem);
    const project = projects.find((candidate) => candidate.repo === repo)?.planeProjectId;
    const url = `${trackerUrl}/api/v1/workspaces/${workspace}/projects/${project}/work-items/${itemId}/relations/`;
    const body = JSON.stringify({ relation_type: 'blocked_by', issues: [this.item(other).itemId] });
    const headers = { 'x-api-key': tokens.trackerPerson, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`The relation was answered with ${answer.status}`);
  }

  /** Approves every item that asks, until the batch is over. */
  approveAll(): void {
    this.approving = this.approveUntilOver();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.approving;
  }

  private async approveUntilOver(): Promise<void> {
    while (!this.isOver) {
      for (const { data, metadata } of await this.events('NotificationDelivered')) {
        const { channel, text } = data as NotificationDelivered['data'];
        const item = this.items.get(metadata.$correlationId);
        if (channel !== 'item-status' || text !== 'In Review' || !item || this.approved.has(item.workItem)) continue;
        this.approved.add(item.workItem);
        await this.person(item.repo).setStatus(item.itemId, 'Approved');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async post(path: string, body: object = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json', 'x-actor': 'maria' };
    return fetch(`${this.world.service.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects of an answer
  async get(path: string): Promise<any> {
    return (await fetch(`${this.world.service.url}${path}`)).json();
  }

  /** The command line, as an operator has it. */
  cli(...args: readonly string[]) {
    return execa(process.execPath, [CLI, ...args], { reject: false, env: { ORCH_PORT: '' } });
  }

  /** One look at a time: the reader remembers how far it has come. */
  async events(type?: string): Promise<readonly Fact[]> {
    const look = this.looking.then(async () => [...(await this.world.events())] as readonly Fact[]);
    this.looking = look.catch(() => []);
    const all = await look;
    return type === undefined ? all : all.filter((event) => event.type === type);
  }

  /** Waits for the first event of the type that belongs to the work item. */
  async happens(type: string, workItem: string, timeoutMs = 240_000): Promise<Fact> {
    let found: Fact | undefined;
    await until(
      async () => {
        found = (await this.events(type)).find(({ metadata }) => metadata.$correlationId === workItem);
        if (!found) await new Promise((resolve) => setTimeout(resolve, 25));
        return found !== undefined;
      },
      `${type} of ${workItem}`,
      timeoutMs,
    );
    return found as Fact;
  }

  private person(repo: string): Person {
    const { coordinates } = this.world.sandbox;
    return personIn(
      coordinates,
      coordinates.projects.find((project) => project.repo === repo),
    );
  }

  private item(workItem: string): Item {
    const found = this.items.get(workItem);
    if (!found) throw new Error(`${workItem} is not of this batch`);
    return found;
  }
}
