import { ProtocolServer } from './protocol-server.js';
import type { Faults } from './faults.js';

export type ServerOrder =
  | { readonly do: 'cut' | 'up' | 'down' | 'endSubscriptions' | 'count' }
  | { readonly do: 'faults'; readonly faults: Partial<Faults> };

/** The server as a process of its own; told over Node's message channel what goes wrong. */
const server = await ProtocolServer.start({ port: Number(process.argv[2] ?? 0) });

async function obey(order: ServerOrder): Promise<void> {
  switch (order.do) {
    case 'cut':
      return server.cut();
    case 'endSubscriptions':
      return server.endSubscriptions();
    case 'up':
      return server.up();
    case 'down':
      return server.down();
    case 'faults':
      return void Object.assign(server.faults, order.faults);
    case 'count':
      return;
  }
}

process.on('message', (order: ServerOrder) => {
  void obey(order).then(() => process.send?.({ done: order.do, events: server.store.all.length }));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: server.url });
