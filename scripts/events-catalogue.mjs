// Writes docs/events.md from the sources: `npm run events`. With --check it only says whether the file is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARGET = fileURLToPath(new URL('../docs/events.md', import.meta.url));

const { DECIDERS } = await import('../dist/commands/deciders.js');
const { SAGAS } = await import('../dist/sagas/every-saga.js');
const { READ_MODELS } = await import('../dist/projections/read-models.js');
const { EFFECT_INTENTS } = await import('../dist/kernel/pipeline/effect-intents.js');

const catalogue = render(describe());
if (process.argv.includes('--check')) {
  const isCurrent = readFileSync(TARGET, 'utf8') === catalogue;
  if (!isCurrent) console.error('docs/events.md is not what the sources say: run `npm run events`');
  process.exit(isCurrent ? 0 : 1);
}
writeFileSync(TARGET, catalogue);

/** Every event of every noun, in the order in which its file tells of them. */
function describe() {
  const files = DECIDERS.map(({ category }) => `${ROOT}src/domain/${category}/events.ts`);
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  return DECIDERS.map((decider, index) => ({
    decider,
    events: program
      .getSourceFile(files[index])
      .statements.filter((statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text in decider.events)
      .map((statement) => eventOf(statement, decider, checker)),
  }));
}

function eventOf(statement, decider, checker) {
  const type = statement.name.text;
  const data = checker.getPropertyOfType(checker.getTypeAtLocation(statement), 'data');
  const dataType = checker.getTypeOfSymbolAtLocation(data, statement);
  return {
    type,
    version: decider.events[type],
    summary: ts.displayPartsToString(checker.getSymbolAtLocation(statement.name).getDocumentationComment(checker)),
    fields: checker.getPropertiesOfType(dataType).map((property) => fieldOf(property, statement, checker)),
    reacts: reactionsTo(type),
  };
}

/** As it is written in the source: `Stage` says more than its ten members. */
function fieldOf(property, statement, checker) {
  const written = property.valueDeclaration?.type
    ?.getText()
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ');
  const type = written ?? checker.typeToString(checker.getTypeOfSymbolAtLocation(property, statement));
  return `\`${property.name}\` ${type.replaceAll('readonly ', '').replaceAll('|', '\\|')}`;
}

function reactionsTo(type) {
  const sagas = SAGAS.filter((saga) => saga.types.includes(type)).map((saga) => `saga ${saga.name}`);
  const intent = EFFECT_INTENTS[type] ? [`effect, until ${EFFECT_INTENTS[type].outcomes.join(' / ')}`] : [];
  const tables = READ_MODELS.filter((model) => model.listensTo.includes(type)).map((model) => `table ${model.table}`);
  return [...sagas, ...intent, ...tables];
}

function render(nouns) {
  const head = [
    '# Events',
    '',
    'Generated from the sources by `npm run events`; do not edit. Every event carries the metadata `$correlationId` (the work item), `$causationId`',
    '(what was handled), `actor`, `schemaVersion`, `commandId` and, on the first event of a decision, the `command` that was decided.',
    '',
  ];
  return `${[...head, ...nouns.flatMap(section)].join('\n')}\n`;
}

function section({ decider, events }) {
  const rows = events.map(
    ({ type, version, summary, fields, reacts }) =>
      `| **${type}** v${version} | ${summary.replaceAll('\n', ' ')} | ${fields.join('<br>')} | ${reacts.join('<br>')} |`,
  );
  return [
    `## Stream \`${decider.category}\``,
    '',
    `Appended by the decisions of \`src/domain/${decider.category}/decide.ts\`.`,
    '',
    '| Event | | Fields | Who reacts |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}
