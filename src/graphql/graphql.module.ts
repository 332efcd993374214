import { Module } from '@nestjs/common';
import { CqrsModule, QueryBus } from '@nestjs/cqrs';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { EventsResolver } from './events.resolver.js';
import { serveExplorer } from './explorer.js';
import { DEPTH_MAX, refuseTooCostly } from './limits.js';
import { RUN_FILES, type RunFiles } from '../kernel/pipeline/run-files.js';
import { LiveRuns } from './live/live-runs.js';
import { loadersOf } from './loaders.js';
import { QueueResolver } from './queue.resolver.js';
import { SubscriptionsResolver } from './live/subscriptions.resolver.js';
import { TasksResolver } from './tasks.resolver.js';

const SCHEMA = new URL('./schema.graphql', import.meta.url);

/** The read API: queries and subscriptions at /graphql. Needs `RUN_FILES`. The token is asked for by the HTTP door, before this one. */
@Module({
  imports: [
    CqrsModule,
    GraphQLModule.forRootAsync<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      imports: [CqrsModule],
      inject: [QueryBus, RUN_FILES],
      useFactory: optionsOf,
    }),
  ],
  providers: [TasksResolver, EventsResolver, QueueResolver, LiveRuns, SubscriptionsResolver],
})
export class GraphqlModule {}

function optionsOf(queries: QueryBus, files: RunFiles): Omit<MercuriusDriverConfig, 'driver'> {
  return {
    typeDefs: readFileSync(SCHEMA, 'utf8'),
    path: '/graphql',
    subscription: true,
    queryDepth: DEPTH_MAX,
    loaders: loadersOf(queries, files),
    hooks: {
      preExecution: (schema: GraphQLSchema, document: DocumentNode, _context: object, variables?: object) =>
        refuse(schema, document, variables),
      preSubscriptionExecution: (schema: GraphQLSchema, document: DocumentNode) => refuse(schema, document),
    },
    additionalRouteOptions: { preValidation: serveExplorer },
  };
}

async function refuse(schema: GraphQLSchema, document: DocumentNode, variables?: object): Promise<void> {
  refuseTooCostly(schema, document, variables as Readonly<Record<string, unknown>> | undefined);
}
