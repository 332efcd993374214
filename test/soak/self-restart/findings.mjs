import { parse } from 'yaml';
import { verifyChain } from '../../../dist/event-log/sqlite/verify/verify.js';

/** Everything of one drill that must not be, as sentences. */
export async function findingsOf(drill, drills) {
  const { number, point, events, restarts, wasStruck } = drill;
  const production = (type) => events.filter((event) => event.type === type && event.data.environment === 'production');
  const [finished, ...more] = production('DeployFinished');
  const starts = drills.hookStarts().filter((start) => start.drill === number);
  const findings = [
    ...unless(wasStruck && restarts >= 1, `the orchestrator was not restarted (${restarts})`),
    ...unless(events.filter(({ type }) => type === 'DeployConfirmed').length === 1, 'not confirmed once'),
    ...unless(production('DeployRequested').length === 1, `requested ${production('DeployRequested').length} times`),
    ...unless(starts.length === 1, `the hook began ${starts.length} times`),
    ...unless(finished !== undefined && more.length === 0, 'not one verdict'),
    ...unless(starts[0]?.deployId === finished?.data.deployId, 'the verdict is of another deploy'),
    ...(finished ? verdictFindings(finished.data, drill) : []),
    ...(await publishedFindings(finished?.data, drill, drills)),
  ];
  return findings.map((finding) => `drill ${number} (${point.name}): ${finding}`);
}

function verdictFindings(finished, { code }) {
  const verdict = code === 0 ? 'SUCCESS' : 'FAILED';
  const said = finished.checks.filter(({ check }) => check === 'S1').map(({ detail }) => detail);
  return [
    ...unless(finished.exitCode === code, `exit ${finished.exitCode} instead of ${code}`),
    ...unless(finished.verdict === verdict, `the verdict is ${finished.verdict}`),
    ...unless(said.join() === `deploy ${finished.deployId}`, `the hook is taken to have said ${said}`),
  ];
}

/** One commit per deploy touches the log, on a branch that is there. */
async function publishedFindings(finished, { events, published, workItem, deploys }, drills) {
  const { head } = published.data.commit;
  const path = `docs/work-items/${workItem}/14-deploy-log.md`;
  const reports = events.filter(({ type, data }) => type === 'DeployLogPublished' && data.stage === 'deploy');
  const [branches, commits, text] = await Promise.all([
    drills.git('branch', '--contains', head, '--format=%(refname)'),
    drills.git('log', '--format=%H', '--no-merges', head, '--', path),
    drills.git('show', `${head}:${path}`),
  ]);
  const values = parse(text.split('---')[1] ?? '');
  const count = commits.split('\n').filter(Boolean).length;
  return [
    ...unless(reports.length === 1, `the log was reported ${reports.length} times`),
    ...unless(branches !== '', 'the log is on no branch'),
    ...unless(count === deploys, `${count} commits of the log after ${deploys} deploys`),
    ...unless(values.deploy_id === finished?.deployId, `the log is of deploy ${values.deploy_id}`),
    ...unless(values.hook_exit_code === finished?.exitCode, `the log says exit ${values.hook_exit_code}`),
  ];
}

export async function logFindings(service) {
  const verification = await verifyChain(service.logPath);
  return unless(verification.intact, `the log does not verify: ${JSON.stringify(verification)}`);
}

function unless(holds, finding) {
  return holds ? [] : [finding];
}
