-- What is open is found without passing what is settled, of which there is ever more.
CREATE INDEX tasks_open ON tasks (id) WHERE stage NOT IN ('done', 'cancelled');
CREATE INDEX deliveries_by_source ON deliveries (source, position);
CREATE INDEX items_by_task ON items (task_id);
CREATE INDEX budgets_by_purse ON budgets (purse);
