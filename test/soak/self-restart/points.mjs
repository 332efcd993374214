/**
 * Where the orchestrator is killed on a work item's way from the confirmation to the published log, in their order. `by` is who does
 * it: the production hook, the forge's repository while a reference moves, or whoever follows the log and sees the event.
 */
export const POINTS = [
  { name: 'confirmed', by: 'log', event: 'DeployConfirmed', next: 'ChangeMerged' },
  { name: 'merged-unheard', by: 'forge' },
  { name: 'merged', by: 'log', event: 'ChangeMerged', next: 'DeployRequested' },
  { name: 'requested', by: 'log', event: 'DeployRequested', next: 'DeployStarted' },
  { name: 'hook-silent', by: 'hook' },
  { name: 'hook-middle', by: 'hook' },
  { name: 'hook-end', by: 'hook' },
  { name: 'exit-recorded', by: 'hook' },
  { name: 'log-refused', by: 'forge' },
  { name: 'log-unheard', by: 'forge' },
];

/** Every point as often as the others, in an order of the seed's, and two failures before every success; the last is one. */
export function drillsOf(count, { random, points }) {
  const named = points.length === 0 ? POINTS : points.map(pointNamed);
  const order = points.length === 0 ? shuffled(named, random) : named;
  const codes = [1, 2, 0];
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    point: order[index % order.length],
    code: index === count - 1 ? 0 : codes[index % codes.length],
  }));
}

function pointNamed(name) {
  const point = POINTS.find((each) => each.name === name);
  if (!point) throw new Error(`There is no point ${name}; there are ${POINTS.map((each) => each.name).join(', ')}`);
  return point;
}

function shuffled(items, random) {
  const left = [...items];
  for (let last = left.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [left[last], left[other]] = [left[other], left[last]];
  }
  return left;
}
