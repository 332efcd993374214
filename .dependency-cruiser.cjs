/**
 * The allowed arrows between the zones of `src/` (docs/architecture.md). What is not listed is forbidden. The files directly
 * in `src/` compose the application and may import every zone.
 */
const EVENTS = 'domain/[^/]+/events[.]ts$';
const COMMANDS = 'domain/[^/]+/commands[.]ts$';
const ARROWS = {
  kernel: { to: [], why: 'The shared words depend on nothing.' },
  config: { to: ['kernel/'], why: 'Settings are read before anything else exists; take the value as an argument.' },
  domain: { to: ['kernel/'], why: 'Decisions are pure: what they need comes in with the command or the policy.' },
  'event-log': { to: ['kernel/', 'config/'], why: 'The log stores events without knowing what they mean.' },
  commands: {
    to: ['kernel/', 'domain/', 'event-log/'],
    why: 'Load, decide, append: reading tables or acting on the world belongs to projections and effects.',
  },
  projections: {
    // A rule that both decides and explains is one function, so the read side asks it too.
    to: ['kernel/', EVENTS, 'domain/(admission/serial-gate|budget/limits)[.]ts$', 'event-log/'],
    why: 'Tables are derived from events alone; deciders and their state stay out of them.',
  },
  sagas: {
    to: ['kernel/', 'domain/', 'event-log/'],
    why: 'A saga turns events into commands; what it must know has to be in the events.',
  },
  queue: {
    to: ['kernel/', 'domain/', 'event-log/', 'projections/', 'config/'],
    why: 'The queue claims and supervises; talking to tracker and forge is the work of effects.',
  },
  effects: {
    // Hook commands and addresses stand in the project file, which decisions never see; the runner follows the log's port.
    to: ['kernel/', 'domain/', 'queue/', 'projections/', 'integrations/', 'config/', 'event-log/event-log[.]ts$'],
    why: 'An effect acts through a port and reports by a command on the bus.',
  },
  integrations: {
    to: ['kernel/', 'config/'],
    why: 'An adapter translates for the outside and knows nothing of the pipeline.',
  },
  telemetry: {
    to: ['kernel/', EVENTS, 'event-log/', 'integrations/', 'config/'],
    why: 'Telemetry listens to events; nothing that it does may decide.',
  },
  http: {
    // Webhooks are read by the ports of those who send them and become deliveries of the inbox.
    to: ['kernel/', COMMANDS, EVENTS, 'projections/', 'config/', 'integrations/(deliveries|tracker|forge)[.]ts$'],
    why: 'A door translates: send a command on the bus, ask a query, and leave the deciding to domain.',
  },
  graphql: {
    to: ['kernel/', COMMANDS, 'projections/', 'config/'],
    why: 'A door translates: send a command on the bus, ask a query, and leave the deciding to domain.',
  },
  forensics: {
    // The board and the limits of a start are scheduling without anything that starts: a what-if asks them again.
    to: [
      ...['kernel/', 'domain/', 'event-log/', 'projections/', 'sagas/', 'config/'],
      ...['commands/deciders[.]ts$', 'queue/(board|start-limits)[.]ts$'],
    ],
    why: 'Forensics reads the log and decides again; it appends nothing and acts on nothing.',
  },
  cli: {
    to: ['kernel/', 'domain/', 'event-log/', 'projections/', 'forensics/', 'config/'],
    why: 'The command line reads the log and the tables; a change goes through the running service.',
  },
  console: { to: [], why: 'The page speaks GraphQL and the operator endpoints, like any other client.' },
  sandbox: {
    to: ['integrations/(plane|gitea)/wire[.]ts$'],
    why: 'The sandbox plays the outside: it shares the wire forms with the integrations and nothing else.',
  },
};

const arrow = ([zone, { to, why }]) => ({
  name: `arrow-${zone}`,
  comment: `${why} ${zone} may import: ${to.join(', ') || 'nothing of src'}.`,
  severity: 'error',
  from: { path: `^src/${zone}/` },
  to: {
    path: '^src/',
    pathNot: [zone, ...to].map((allowed, index) => `^src/${index === 0 ? `${allowed}/` : allowed}`),
  },
});

/** An adapter is named by a module, by the composition, by the command line, and inside its own folder. */
const adapters = (zone, folders) =>
  folders.map((folder) => ({
    name: `adapter-${folder}`,
    comment: `Import the port beside ${folder}/ and let a *.module.ts choose the adapter, so that it can be exchanged.`,
    severity: 'error',
    from: { path: '^src/', pathNot: [`^src/${zone}/${folder}/`, '[.]module[.]ts$', '^src/[^/]+[.]ts$', '^src/cli/'] },
    to: { path: `^src/${zone}/${folder}/`, pathNot: '^src/integrations/(plane|gitea)/wire[.]ts$' },
  }));

/** A package that only these places may know. */
const keptIn = (name, pattern, places, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: places },
  to: { path: `(^|node_modules/)${pattern}(/|$)` },
});

module.exports = {
  forbidden: [
    ...Object.entries(ARROWS).map(arrow),
    ...adapters('event-log', ['sqlite', 'in-memory', 'eventstoredb']),
    ...adapters('integrations', ['plane', 'gitea', 'telegram', 'git', 'claude']),
    {
      name: 'arrow-unknown-zone',
      comment:
        'Every folder of src is a zone with its arrows in this file: put the file into one, or add the zone here and to docs/architecture.md.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(ARROWS).join('|')})/` },
      to: {},
    },
    {
      name: 'composition-is-the-top',
      comment:
        'The files directly in src compose the application. A zone that needs something of them has to be given it.',
      severity: 'error',
      from: { path: '^src/[^/]+/' },
      to: { path: '^src/[^/]+[.]ts$' },
    },
    {
      name: 'forensics-calls-nobody',
      comment:
        'A replay has no effect ports in it: whatever forensics needs, it must not lead to effects, integrations or the command bus.',
      severity: 'error',
      from: { path: '^src/forensics/' },
      to: { path: '^src/(effects|integrations|queue/supervisor|commands/transact)', reachable: true },
    },
    {
      name: 'nouns-apart',
      comment: 'A noun never imports another one: each stream decides alone, and a second one follows through a saga.',
      severity: 'error',
      from: { path: '^src/domain/([^/]+)/' },
      to: { path: '^src/domain/', pathNot: '^src/domain/$1/' },
    },
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one file, or a third one is missing that both can import.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-barrels',
      comment: 'Import the file that has the thing: an index.ts draws whole folders together and makes cycles.',
      severity: 'error',
      from: {},
      to: { path: '/index[.](ts|js)$', pathNot: 'node_modules' },
    },
    {
      name: 'no-drawers',
      comment: 'A drawer collects everything. Name the file for the noun that it is about.',
      severity: 'error',
      from: {},
      to: {
        path: ['[/-](utils?|helpers?|manager|service)[.](ts|js)$', '/(utils?|common|helpers?|shared|misc)([.]|/)'],
        pathNot: 'node_modules',
      },
    },
    keptIn(
      'eventstore-client-in-one-place',
      '@eventstore/db-client',
      ['^src/event-log/eventstoredb/'],
      'The client of EventStoreDB has defects that its adapter works around; import the port event-log.ts.',
    ),
    keptIn(
      'sqlite3-in-three-places',
      'sqlite3',
      ['^src/event-log/sqlite/', '^src/projections/', '^src/queue/'],
      'SQLite is an implementation of the log and of the read models; ask a query instead.',
    ),
    {
      name: 'pure-zones-stay-pure',
      comment: 'kernel and domain run without Node, Nest and streams: what happens outside comes in as an event.',
      severity: 'error',
      from: { path: '^src/(kernel|domain)/' },
      to: { path: '(^|node_modules/)(@nestjs|rxjs|sqlite3|execa|undici|pino)(/|$)' },
    },
    {
      name: 'pure-zones-without-node',
      comment: 'kernel and domain do no input and output, and a replay must decide the same on any machine.',
      severity: 'error',
      from: { path: '^src/(kernel|domain)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-test-tools-in-src',
      comment: 'The image is built without development packages: move the package to dependencies or do without it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'src-without-tests',
      comment: 'The product does not know its tests.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'everything-resolves',
      comment: 'This import leads nowhere: the file was moved, or the package is not in package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|src/sandbox/sample)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
