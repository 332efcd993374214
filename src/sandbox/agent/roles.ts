import { spawnSync } from 'node:child_process';
import type { Artifacts } from './artifacts.js';
import { frontmatter } from './artifacts.js';
import type { Assignment } from './brief.js';
import { strikes, type Directive } from './directives.js';
import { brokenChange, priceChange, sharedChange, writeFiles } from './price-change.js';
import type { Transcript } from './transcript.js';

export interface Scene {
  readonly root: string;
  readonly assignment: Assignment;
  readonly directives: readonly Directive[];
  readonly artifacts: Artifacts;
  readonly transcript: Transcript;
}

type Part = (scene: Scene) => string;

/** What every role does when nothing else is asked of it; the answer is the agent's last word. */
export const PARTS: Readonly<Record<string, Part>> = {
  analyst: analyse,
  architect: design,
  developer: develop,
  reviewer: review,
  tester: testAll,
  deployer: deploy,
};

function analyse(scene: Scene): string {
  const { workItem, title } = scene.assignment;
  const version = scene.artifacts.versionOf('01-brd.md') + 1;
  const head = (name: string) => `# ${workItem}: ${name}\n\nVersion: ${version}\n\n`;
  note(scene, '01-brd.md', `${head('business requirements')}Customers asked for: ${title}.\n`);
  note(scene, '02-trz.md', `${head('technical specification')}One promotion of its own, found by its code.\n`);
  note(
    scene,
    '03-acceptance-criteria.md',
    `${head('acceptance criteria')}- AC-1: the code takes its percentage off.\n`,
  );
  note(scene, '04-test-plan.yaml', testPlan(scene.assignment, version));
  return `The analysis of ${workItem} is complete (version ${version}).`;
}

function testPlan(assignment: Assignment, version: number): string {
  return [
    `work_item: ${assignment.workItem}`,
    `version: ${version}`,
    `title: ${JSON.stringify(assignment.title)}`,
    'stage: analysis',
    'tests:',
    '  - id: TC-01',
    '    type: unit',
    '    description: the promotion takes its percentage off',
    '    expected: the discounted sum',
    'regression:',
    '  - node --test',
    '',
  ].join('\n');
}

function design(scene: Scene): string {
  const { workItem, title } = scene.assignment;
  const name = '06-adr/ADR-001-a-promotion-per-file.md';
  const version = scene.artifacts.versionOf(name) + 1;
  const why = 'A file per promotion keeps changes apart, so that two work items do not meet in one line.';
  note(scene, name, `# ADR-001: a promotion per file\n\nVersion: ${version}\nStatus: accepted\n\n${title}: ${why}\n`);
  const about = {
    '07-infra-requirements.md': 'infrastructure',
    '08-data-requirements.md': 'data',
    '10-tech-risks.md': 'risks',
  };
  for (const [file, subject] of Object.entries(about)) {
    note(scene, file, `# ${workItem}: ${subject}\n\nVersion: ${version}\n\nNothing beyond what is there.\n`);
  }
  return `The design of ${workItem} is recorded.`;
}

function develop(scene: Scene): string {
  const { root, assignment, directives, transcript } = scene;
  const change = priceChange(root, assignment);
  const broken = strikes(directives, 'break', change.round - 1);
  const shared = strikes(directives, 'conflict', change.round - 1) ? sharedChange(root, assignment) : {};
  const files = { ...(broken ? brokenChange(change) : change.files), ...shared };
  writeFiles(root, files);
  for (const file of Object.keys(files)) transcript.uses('Write', { file_path: file }, 'written');
  return `Implemented ${assignment.workItem}, round ${change.round}: ${Object.keys(files).join(', ')}.`;
}

function review(scene: Scene): string {
  const earlier = scene.artifacts.versionOf('12-review.md');
  const verdict = wanted(scene, ['REQUEST_CHANGES', 'garbage'], earlier) ?? 'APPROVED';
  const workItem = scene.assignment.workItem;
  const values = { ...common(scene, 'review'), verdict, version: earlier + 1 };
  const finding = verdict === 'APPROVED' ? 'No findings.' : 'P1: another round is needed.';
  note(scene, '12-review.md', frontmatter(values, `# Review of ${workItem}\n\n${finding}`));
  return `Review of ${workItem}, round ${earlier + 1}: ${verdict}.`;
}

function testAll(scene: Scene): string {
  const earlier = scene.artifacts.versionOf('13-test-report.md');
  const run = spawnSync(process.execPath, ['--test'], { cwd: scene.root, encoding: 'utf8', env: testEnvironment() });
  const output = `${run.stdout}${run.stderr}`.split('\n').slice(-12).join('\n').trim();
  scene.transcript.uses('Bash', { command: 'node --test' }, output);
  const result = wanted(scene, ['FAIL', 'garbage'], earlier) ?? (run.status === 0 ? 'PASS' : 'FAIL');
  const workItem = scene.assignment.workItem;
  const body = `# Test report of ${workItem}\n\nVersion: ${earlier + 1}\n\n\`\`\`\n${output}\n\`\`\``;
  note(scene, '13-test-report.md', frontmatter({ ...common(scene, 'test-report'), result }, body));
  return `Tests of ${workItem}, round ${earlier + 1}: ${result}.`;
}

function deploy(scene: Scene): string {
  const isStaging = scene.assignment.stage === 'deploy-staging';
  const name = isStaging ? '15-staging-log.md' : '14-deploy-log.md';
  const earlier = scene.artifacts.versionOf(name);
  const status = wanted(scene, ['FAILED', 'garbage'], earlier) ?? 'SUCCESS';
  const workItem = scene.assignment.workItem;
  const staging = { staging_status: status, timestamp: new Date().toISOString(), base_url: 'http://127.0.0.1' };
  const exitCode = status === 'SUCCESS' ? 0 : 1;
  const production = { work_item: workItem, deploy_status: status, hook_exit_code: exitCode, deployed_by: 'deployer' };
  const values = { ...common(scene, isStaging ? 'staging-log' : 'deploy-log'), ...(isStaging ? staging : production) };
  note(scene, name, frontmatter(values, `# Deployment of ${workItem}\n\nVersion: ${earlier + 1}`));
  return `Deployment of ${workItem}: ${status}.`;
}

/** The run that wrote it, where the orchestrator says which one it is. */
function common(scene: Scene, type: string): Record<string, string> {
  const { workItem, runId } = scene.assignment;
  return { type, work_item_id: workItem, ...(runId === '' ? {} : { run_id: runId }) };
}

function wanted(scene: Scene, actions: readonly string[], done: number): string | undefined {
  return actions.find((action) => strikes(scene.directives, action.toLowerCase(), done));
}

function note(scene: Scene, name: string, text: string): void {
  scene.transcript.uses('Write', { file_path: scene.artifacts.write(name, text) }, 'written');
}

/** A test run inside a test run would otherwise report to the outer one instead of ending with a code. */
function testEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
}
