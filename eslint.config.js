import { builtinModules } from 'node:module';
import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier/flat';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const SIZES = {
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  // A switch over a union counts once: its length is the union's, and the compiler keeps it complete.
  complexity: ['error', { max: 8, variant: 'modified' }],
  'max-depth': ['error', 3],
  'max-params': ['error', 4],
};

const UNCLEAR = [
  {
    selector: 'ClassDeclaration[id.name=/(Manager|Service|Helper|Utils?)$/]',
    message: 'Name the class for the thing it is: a noun of the product, not a role that everything could play.',
  },
  {
    selector: "NewExpression[callee.name='Error']",
    message: 'Throw an error class that is named for the situation and writes its own sentence, or use assert.',
  },
];

const BY_COMMAND = 'Time, ids and settings come in with the command: a replay must decide the same.';
const NO_OUTSIDE = 'kernel and domain do no input and output: ask for an effect by an event.';

/** What a pure zone must not reach for, each with what to do instead. */
const IMPURE_GLOBALS = [
  ...['Date', 'Intl', 'crypto', 'performance', 'WeakRef', 'FinalizationRegistry'].map((name) => [name, BY_COMMAND]),
  ...['process', 'console', 'fetch', 'WebSocket', 'EventSource', 'require', 'navigator'].map((name) => [
    name,
    NO_OUTSIDE,
  ]),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => [name, "Waiting is a saga's job."]),
  ...['globalThis', 'global', 'eval'].map((name) => [name, 'This is a way around the bans of the pure zones.']),
].map(([name, message]) => ({ name, message }));

const PURITY = {
  'no-restricted-globals': ['error', ...IMPURE_GLOBALS],
  'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: BY_COMMAND }],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...builtinModules.map((name) => ({ name, message: NO_OUTSIDE })),
        { name: 'uuid', allowImportNames: ['v5'], message: BY_COMMAND },
      ],
      patterns: [
        { group: ['node:*'], message: NO_OUTSIDE },
        { group: ['@nestjs/*', 'rxjs', 'rxjs/*'], message: 'Decisions are plain functions; Nest begins in commands.' },
      ],
    },
  ],
  'no-restricted-syntax': [
    'error',
    ...UNCLEAR,
    { selector: 'ImportExpression', message: 'This is a way around the bans of the pure zones.' },
    { selector: ':function[async=true]', message: 'decide, evolve and react are synchronous.' },
  ],
};

const NODE = [
  'process',
  'console',
  'URL',
  'fetch',
  'setTimeout',
  'clearTimeout',
  'performance',
  'Buffer',
  'AbortSignal',
];
const BROWSER = ['document', 'window', 'fetch', 'console', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']
  .concat(['WebSocket', 'EventSource', 'URL', 'URLSearchParams', 'FormData', 'location', 'history', 'localStorage'])
  .concat([
    'sessionStorage',
    'customElements',
    'HTMLElement',
    'CustomEvent',
    'Event',
    'AbortController',
    'requestAnimationFrame',
  ]);
const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

export default defineConfig(
  globalIgnores(['dist/', 'data/', 'coverage/', '.tmp/', 'src/sandbox/sample/', 'docs/']),
  js.configs.recommended,
  comments.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...SIZES,
      eqeqeq: 'error',
      '@eslint-community/eslint-comments/require-description': ['error', { ignore: ['eslint-enable'] }],
      '@eslint-community/eslint-comments/disable-enable-pair': ['error', { allowWholeFile: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
    },
  },
  {
    files: ['*.js', '*.cjs', 'scripts/**/*.mjs', '.ci/*.mjs', 'test/**/*.{js,mjs,cjs}'],
    languageOptions: { globals: readonly(NODE) },
  },
  { files: ['*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['src/console/**/*.js'], languageOptions: { globals: readonly(BROWSER) } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A port is asynchronous for all its adapters, also for one that has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Nest asks for empty classes with decorators.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...UNCLEAR] } },
  { files: ['src/kernel/**/*.ts', 'src/domain/**/*.ts'], rules: PURITY },
  {
    files: ['test/**'],
    rules: {
      // A describe block is a list of sentences, not a function that somebody has to hold in mind.
      'max-lines-per-function': 'off',
      // Answers of HTTP servers and JSON files are read as they come; the assertion says what they must be.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  prettier,
);
