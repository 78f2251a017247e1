-- no-transaction
-- The names of agents and users in the order of menus, so that a search reads some of them at a time and ends with the last
-- one that is shown. Concurrently, so that others go on being registered; one that was broken off is built again.
DROP INDEX CONCURRENTLY IF EXISTS agents_in_order;
CREATE INDEX CONCURRENTLY agents_in_order ON agents (tenant_id, (lower(coalesce(name, id))), id) WHERE deleted_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS users_in_order;
CREATE INDEX CONCURRENTLY users_in_order ON users (tenant_id, (lower(coalesce(name, id))), id);
