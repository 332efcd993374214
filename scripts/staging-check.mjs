/**
 * The ten checks of a staging instance of the orchestrator (ST-03), for its staging hook. Prints each check as the JSON line of
 * the hook contract and a verdict for people. What the checks come to is decided by the rule that the service itself uses.
 */
import { CHECKS, taskTitled, Traces } from './staging/checks.mjs';
import { expectStatus, NotSo, Outside } from './staging/outside.mjs';
import { Settings, settingsAsText, SettingUnusable } from './staging/settings.mjs';

const RULE = '../dist/domain/deploy/verdict.js';
const HELP = `Usage: node scripts/staging-check.mjs

Ten checks of a staging instance of the orchestrator; run it in the container of that instance, whose settings it reads.
Exit code 0: the verdict is SUCCESS; 1: FAILED. Settings come from the environment:

${settingsAsText()}
`;

if (process.argv.includes('--help')) console.log(HELP);
else process.exitCode = await main();

async function main() {
  const settings = new Settings(process.env);
  const world = { settings, outside: new Outside(settings), traces: new Traces() };
  const done = [];
  try {
    for (const check of CHECKS) done.push(await report(check, world));
  } finally {
    console.log(`CLEANUP ${await attempted(settings, () => cleanUp(world)).then(({ detail }) => detail)}`);
  }
  return conclude(done, settings);
}

async function report([check, block, kind, run], world) {
  const { ok, detail } = await attempted(world.settings, () => run(world));
  const result = { check, block, kind, ok, detail };
  console.log(JSON.stringify(result));
  return result;
}

/** An answer that nobody expected fails its check, and the others go on. */
async function attempted(settings, act) {
  try {
    return { ok: true, detail: settings.withoutSecrets(await act()) };
  } catch (error) {
    const expected = error instanceof NotSo || error instanceof SettingUnusable;
    return { ok: false, detail: settings.withoutSecrets(expected ? error.message : `unexpected: ${error.message}`) };
  }
}

/** The task ends before its issue goes: Plane tells nobody of a deletion (ST-04). */
async function cleanUp({ outside, settings, traces: { itemId, title } }) {
  if (itemId === null) return 'nothing to remove';
  const cancelled = await attempted(settings, async () => {
    const task = await taskTitled({ outside, settings }, title);
    if (task === null) return 'no task to cancel';
    const path = `/tasks/${encodeURIComponent(task.workItem)}/cancel`;
    const send = { reason: 'the staging check is over' };
    expectStatus(await outside.service(path, { method: 'POST', send }), [200], `to cancel ${task.workItem}`);
    return `${task.workItem} cancelled`;
  });
  expectStatus(
    await outside.plane(`work-items/${itemId}/`, { method: 'DELETE' }),
    [204],
    'to remove the issue from Plane',
  );
  return `issue removed, ${cancelled.detail}`;
}

async function conclude(checks, settings) {
  const failed = checks.filter(({ ok }) => !ok);
  const of = (kind) => failed.filter((check) => check.kind === kind).map(({ check }) => check);
  const tolerant = settings.get('ORCH_STAGING_INFRA_TOLERANCE_ENABLED') === 'true';
  const { deployVerdict } = await import(RULE);
  const ended = { exitCode: failed.length === 0 ? 0 : 1, stoppedBecause: null, checks };
  const { verdict, reason, waived } = deployVerdict(ended, 'staging', tolerant);
  const exitCode = verdict === 'SUCCESS' ? 0 : 1;
  console.log(`RESULT ${checks.length - failed.length}/${checks.length}`);
  console.log(`REAL failed: ${of('REAL').join(', ') || 'none'}`);
  console.log(`SANDBOX_INFRA failed: ${of('SANDBOX_INFRA').join(', ') || 'none'} (tolerance: ${tolerant})`);
  if (waived.length > 0) console.log(`INFRA-WAIVED ${waived.join(', ')}`);
  const why = failed.length === 0 ? 'all checks passed' : reason;
  console.log(`VERDICT ${verdict}, exit ${exitCode}: ${why}`);
  return exitCode;
}
