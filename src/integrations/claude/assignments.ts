/** What the gates of a stage will read from a run. Paths are relative to the artifacts folder. */
export interface Assignment {
  readonly files: readonly string[];
  /** The file whose leading `---` block is the verdict, with its keys and what is allowed in them. */
  readonly verdict: { readonly file: string; readonly frontmatter: readonly (readonly [string, string])[] } | null;
  readonly passes: string;
}

const COMMON = (type: string): readonly (readonly [string, string])[] => [
  ['type', type],
  ['work_item_id', '<work item>'],
  ['run_id', '<run>'],
];

const BY_STAGE: Readonly<Record<string, Assignment>> = {
  analysis: {
    files: ['01-brd.md', '02-trz.md', '03-acceptance-criteria.md', '04-test-plan.yaml'],
    verdict: null,
    passes: 'all four files exist and are not empty; then a person approves the set in the tracker',
  },
  architecture: {
    files: [
      '06-adr/ADR-001-<what-is-decided>.md',
      '07-infra-requirements.md',
      '08-data-requirements.md',
      '10-tech-risks.md',
    ],
    verdict: null,
    passes: 'at least one file 06-adr/ADR-*.md exists',
  },
  development: { files: [], verdict: null, passes: 'the tests are green on the head of the branch' },
  review: {
    files: ['12-review.md'],
    verdict: {
      file: '12-review.md',
      frontmatter: [
        ...COMMON('review'),
        ['verdict', 'APPROVED or REQUEST_CHANGES'],
        ['version', 'the round of review, from 1'],
      ],
    },
    passes: 'verdict is APPROVED; REQUEST_CHANGES sends the work back to development',
  },
  testing: {
    files: ['13-test-report.md'],
    verdict: { file: '13-test-report.md', frontmatter: [...COMMON('test-report'), ['result', 'PASS or FAIL']] },
    passes: 'result is PASS; FAIL sends the work back to development',
  },
  'deploy-staging': {
    files: ['15-staging-log.md'],
    verdict: {
      file: '15-staging-log.md',
      frontmatter: [
        ...COMMON('staging-log'),
        ['staging_status', 'SUCCESS or FAILED'],
        ['timestamp', 'when, in UTC'],
        ['base_url', 'what was checked'],
      ],
    },
    passes: 'staging_status is SUCCESS; FAILED sends the work back to development',
  },
  deploy: {
    files: ['14-deploy-log.md'],
    verdict: {
      file: '14-deploy-log.md',
      frontmatter: [
        ...COMMON('deploy-log'),
        ['work_item', '<work item>'],
        ['deploy_status', 'SUCCESS or FAILED'],
        ['hook_exit_code', 'the exit code of what was run'],
        ['deployed_by', 'deployer'],
      ],
    },
    passes: 'deploy_status is SUCCESS; FAILED sends the work back to development',
  },
};

/** A stage without a gate of its own asks for nothing but the work. */
export function assignmentOf(stage: string): Assignment {
  return BY_STAGE[stage] ?? { files: [], verdict: null, passes: 'the run ends with a result' };
}
