import { beforeEach, describe, expect, test } from '@jest/globals';
import { Relations } from '../../src/effects/inbox/relations.js';
import type { Outcome } from '../../src/effects/effect.js';
import type { ItemRef, Tracker, WorkItem } from '../../src/integrations/tracker.js';
import type { Edge } from '../../src/projections/admission/edges.js';
import type { DependencyRow } from '../../src/projections/admission/dependencies.js';
import type { TaskRow } from '../../src/projections/task/tasks.js';
import type { Work } from '../../src/projections/work.js';
import { DEFAULT_POLICY } from '../support/policy.js';

const STATUSES = [
  { id: 'open', name: 'Todo', group: 'unstarted' },
  { id: 'shipped', name: 'Shipped', group: 'completed' },
];

/** A tracker with items and relations, and what the read models know of them. */
class World {
  readonly items = new Map<string, Pick<WorkItem, 'sequenceId' | 'statusId' | 'projectId'>>();
  blockers: ItemRef[] = [];
  readonly tasks = new Map<string, Partial<TaskRow>>();
  readonly declared: DependencyRow[] = [];
  edges: Edge[] = [];
  readonly reported: { type: string; stream: string; payload: object; actor: string | undefined }[] = [];

  readonly tracker = {
    blockedBy: async () => this.blockers,
    workItem: async (_: string, itemId: string) => this.items.get(itemId) ?? null,
    statuses: async () => STATUSES,
  } as unknown as Tracker;

  readonly work = {
    taskOf: async (workItem: string) => this.tasks.get(workItem) ?? null,
    dependenciesOf: async () => this.declared,
    openEdges: async () => this.edges,
  } as unknown as Work;

  readonly outcome: Outcome = {
    report: async (type, stream, payload, context) => {
      this.reported.push({ type: type.name, stream, payload, actor: context?.actor });
    },
  };

  item(itemId: string, sequenceId: number, statusId = 'open', projectId = 'project-et'): void {
    this.items.set(itemId, { sequenceId, statusId, projectId });
    this.blockers.push({ projectId, itemId });
  }

  declare(dependsOn: string, by: string): void {
    this.declared.push({
      ...{ id: `1:${dependsOn}`, task_id: 1, depends_on: dependsOn, declared_by: by, declared_at: '', position: 1 },
    });
  }

  get said(): readonly string[] {
    return this.reported.map(({ type, payload }) => {
      const { dependsOn, workItem } = payload as { dependsOn?: string; workItem?: string };
      return `${type} ${dependsOn ?? workItem}`;
    });
  }
}

const ITEM = { projectId: 'project-et', itemId: 'i-1' };
const TASK = {
  ...{ id: 1, work_item_id: 'ET-001', repo: 'enduro-trails', project_id: 'project-et', plane_id: 'i-1' },
  ...{ stage: 'analysis', admitted_at: null },
} as TaskRow;

let world: World;
let relations: Relations;

beforeEach(() => {
  world = new World();
  relations = new Relations(world.tracker, world.work, DEFAULT_POLICY);
});

describe('what blocks an item', () => {
  test('is named as a work item, ended or not by its task, and without a task by its status group', async () => {
    world.item('a', 7);
    world.item('b', 8, 'shipped');
    world.item('c', 9);
    world.item('d', 2, 'open', 'project-orch');
    world.tasks.set('ET-009', { stage: 'done' });
    expect(await relations.blockersOf('ET-001', ITEM)).toEqual([
      { workItem: 'ET-007', ended: false },
      { workItem: 'ET-008', ended: true },
      { workItem: 'ET-009', ended: true },
      { workItem: 'ORCH-002', ended: false },
    ]);
  });

  test('leaves out what is deleted and what belongs to nobody here', async () => {
    world.blockers = [
      { projectId: 'project-et', itemId: 'gone' },
      { projectId: 'elsewhere', itemId: 'x' },
    ];
    expect(await relations.blockersOf('ET-001', ITEM)).toEqual([]);
  });

  test('leaves out what waits for the item itself, over whichever repositories', async () => {
    world.item('a', 2, 'open', 'project-orch');
    world.edges = [
      { from: 'ORCH-002', to: 'ET-005' },
      { from: 'ET-005', to: 'ET-001' },
    ];
    expect(await relations.blockersOf('ET-001', ITEM)).toEqual([]);
  });
});

describe('a task that was not let in yet', () => {
  test('waits for what its relations say anew, and no longer for what they no longer say', async () => {
    world.item('a', 7);
    world.declare('ET-003', 'plane:relations');
    world.declare('ET-004', 'operator:maria');
    await relations.sync(TASK, world.outcome);
    expect(world.said).toEqual(['DeclareDependency ET-007', 'WithdrawDependency ET-003']);
    expect(world.reported[0]).toMatchObject({ stream: 'admission-enduro-trails', actor: 'plane:relations' });
  });

  test('learns that a blocker without a task has ended', async () => {
    world.item('b', 8, 'shipped');
    world.declare('ET-008', 'plane:relations');
    await relations.sync(TASK, world.outcome);
    expect(world.said).toEqual(['ReportPrerequisiteEnded ET-008']);
  });
});

describe('a task that was let in or has ended', () => {
  test('is left alone', async () => {
    world.item('a', 7);
    await relations.sync({ ...TASK, admitted_at: '2026-01-01T00:00:00.000Z' }, world.outcome);
    await relations.sync({ ...TASK, stage: 'cancelled' }, world.outcome);
    expect(world.said).toEqual([]);
  });
});
