import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Doors } from '../support/doors.js';

const FOLDER = new URL('../../src/console/', import.meta.url);

let doors: Doors;

beforeAll(async () => {
  doors = await Doors.open();
});

afterAll(() => doors.close());

describe("the door to the operator's page", () => {
  test('gives the page at /', async () => {
    const reply = await fetch(`${doors.url}/`);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await reply.text()).toContain('<title>orchestrator</title>');
  });

  test.each([
    ['console.js', 'text/javascript; charset=utf-8'],
    ['console.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
  ])('gives %s as %s', async (file, type) => {
    const reply = await fetch(`${doors.url}/${file}`);
    expect(reply.headers.get('content-type')).toBe(type);
    expect(await reply.text()).toBe(await readFile(new URL(file, FOLDER), 'utf8'));
  });

  test('gives every file of the page', async () => {
    for (const file of (await readdir(FOLDER)).filter((name) => name !== 'index.html'))
      expect([file, (await fetch(`${doors.url}/${file}`)).status]).toEqual([file, 200]);
  });

  test.each(['', 'console.js'])('lets nothing from elsewhere run in it and nobody frame it (/%s)', async (path) => {
    const policy = (await fetch(`${doors.url}/${path}`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  test.each(['console.html', 'index.html', 'package.json', '%2e%2e/main.js', 'console.js.map'])(
    'gives nothing else (%s)',
    async (path) => {
      expect((await fetch(`${doors.url}/${path}`)).status).toBe(404);
    },
  );
});

describe('the page itself', () => {
  test('names no address of another host', async () => {
    for (const file of await readdir(FOLDER)) {
      const text = (await readFile(new URL(file, FOLDER), 'utf8')).replace('http://www.w3.org/2000/svg', '');
      expect([file, /\b(https?:)?\/\/[a-z]/i.exec(text.replace(/^\s*\/\/.*$/gm, ''))?.[0]]).toEqual([file, undefined]);
    }
  });

  test('has no script or style in its markup, which the policy would refuse', async () => {
    const html = await readFile(new URL('index.html', FOLDER), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  });
});
