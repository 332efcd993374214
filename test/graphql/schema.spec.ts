import { describe, expect, test } from '@jest/globals';
import { buildSchema, isObjectType } from 'graphql';
import { readFileSync } from 'node:fs';

const SCHEMA = new URL('../../src/graphql/schema.graphql', import.meta.url);

describe('the schema', () => {
  const types = Object.values(buildSchema(readFileSync(SCHEMA, 'utf8')).getTypeMap());
  const fields = types
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ ...field, of: type.name })));

  test('says of every field what it is', () => {
    expect(fields.length).toBeGreaterThan(100);
    const silent = fields.filter(({ description }) => !description).map(({ of, name }) => `${of}.${name}`);
    expect(silent).toEqual([]);
  });
});
