import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCKERFILE = readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8');
const SERVICE = DOCKERFILE.slice(DOCKERFILE.indexOf(' AS service'));

/** What the sources read beside themselves when they run, from the root of the repository; in the image `dist` lies where `src` does. */
function readBeside(): readonly string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return files.flatMap((file) => {
    const path = join(ROOT, 'src', file);
    const urls = [...readFileSync(path, 'utf8').matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)];
    return urls
      .map(([, url = '']) => relative(ROOT, resolve(dirname(path), url)))
      .filter((place) => !/^(src|dist)\b/.test(place));
  });
}

test('everything that the service reads beside its own code is in its image', () => {
  const places = [...new Set(readBeside().map((place) => place.split('/')[0] ?? ''))].sort();
  expect(places).toEqual(['migrations', 'package.json', 'projects.schema.json']);
  for (const place of places) expect(SERVICE).toMatch(new RegExp(`^COPY .*/app/${place.replaceAll('.', '[.]')} `, 'm'));
});

test('the image has what the service calls, and runs it under an init as a user without rights', () => {
  for (const program of ['git', 'bubblewrap', 'openssh-client', 'tini'])
    expect(SERVICE).toMatch(new RegExp(`\\b${program}\\b`));
  expect(SERVICE).toMatch(/^USER node$/m);
  expect(SERVICE).toMatch(/^ENTRYPOINT \["tini", "--"\]$/m);
});
