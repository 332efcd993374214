import { GraphQLError, getNamedType, isListType, isNonNullType, type DocumentNode, type GraphQLSchema } from 'graphql';
import { getComplexity, type ComplexityEstimatorArgs } from 'graphql-query-complexity';

/** Deep enough for the introspection query of the usual explorers. */
export const DEPTH_MAX = 15;
export const COST_MAX = 50_000;

/** What a list without `first` is taken to hold. */
const LIST_LENGTH_GUESS = 10;
const TIMELINE_LENGTH_GUESS = 100;

/** Refuses what would read too much before anything is read; each field costs 1, each list as often as it is long. */
export function refuseTooCostly(
  schema: GraphQLSchema,
  query: DocumentNode,
  variables: Readonly<Record<string, unknown>> = {},
): void {
  const cost = getComplexity({ schema, query, variables, estimators: [costOf] });
  if (cost <= COST_MAX) return;
  throw new GraphQLError(`The query costs ${cost}, allowed are ${COST_MAX}: ask for shorter lists or fewer fields`, {
    extensions: { code: 'TOO_COSTLY' },
  });
}

function costOf({ field, args, childComplexity }: ComplexityEstimatorArgs): number {
  if (field.name.startsWith('__')) return 0;
  if ('first' in args) return 1 + Number(args['first'] ?? LIST_LENGTH_GUESS) * childComplexity;
  if (field.name === 'timeline') return 1 + TIMELINE_LENGTH_GUESS * childComplexity;
  // The edges of a connection were counted by its `first`.
  if (isList(field.type) && !getNamedType(field.type).name.endsWith('Edge')) {
    return 1 + LIST_LENGTH_GUESS * childComplexity;
  }
  return 1 + childComplexity;
}

function isList(type: ComplexityEstimatorArgs['field']['type']): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
