/** `npm run bench`, or `npm run bench -- append reading` for some of it. Each file exports `run(print)`. */
const BENCHES = [
  'append',
  'reading',
  'replay',
  'claims',
  'intake',
  'start',
  'growth',
  'past',
  'git/worktrees',
  'eventstore/figures',
];

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : BENCHES) {
  const { run } = await import(`./${name}.mjs`);
  await run((line) => console.log(line));
}
