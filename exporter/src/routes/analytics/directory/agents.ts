/** `/directory/agents`: the agents of a tenant, with names, tags and creators. */
import { Type } from 'typebox';
import { agentTags } from '../../../facts/types.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute, writeRoute } from '../../../http/route-options.js';
import { listAgents } from '../../../query/reports/directory.js';
import { Id, Nullable, Strict } from '../../../schemas.js';
import { deleteAgent, type DirectoryAgent, MAX_ENTERED, putAgent } from '../../../tenants/directory.js';
import { NextPage } from '../../shared/cursors.js';
import { Deleted } from '../../shared/deleted.js';
import { directoryParameters, EntryName, pageRequest, SeenAt, wireTime } from '../../shared/directory.js';

const tag = 'Directory';

const TagList = Type.Unsafe<string[]>(agentTags.sent);
const Agent = Strict({
  agent_id: Id('The agent.'),
  name: EntryName('Its name.'),
  tags: Type.Array(Type.String(), { description: 'Its tags.' }),
  created_by: Nullable(Id('The user who created it.')),
  first_seen_at: SeenAt('Its first event or execution.'),
  last_seen_at: SeenAt('Its last one.'),
  last_rotated_at: SeenAt('The last rotation of its credentials.'),
  deleted_at: SeenAt('When it was deleted; null for one that is there.'),
});
const AgentParams = Strict({ id: Id('The agent.') });

const shown = ({ first_seen_at, last_seen_at, last_rotated_at, deleted_at, ...agent }: DirectoryAgent) => ({
  ...agent,
  first_seen_at: wireTime(first_seen_at),
  last_seen_at: wireTime(last_seen_at),
  last_rotated_at: wireTime(last_rotated_at),
  deleted_at: wireTime(deleted_at),
});

export default function routes(app: App, { pool, services: { registry } }: RouteContext): void {
  app.get(
    '/directory/agents',
    readRoute({
      summary: 'The agents of the tenant, deleted ones included, in the order of their ids',
      tag,
      querystring: Strict({
        ...directoryParameters,
        tag: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Only with this tag.' })),
      }),
      answer: Strict({ agents: Type.Array(Agent), next_cursor: NextPage }),
    }),
    async (request) => {
      const { rows, next_cursor } = await listAgents(
        request.reader,
        tenantOf(request),
        pageRequest(request.query),
      );
      return { agents: rows.map(shown), next_cursor };
    },
  );

  app.put(
    '/directory/agents/:id',
    writeRoute({
      summary: 'Names and tags an agent',
      description:
        'Fields that are left out keep their values. An agent that is not there is registered, and one that was deleted ' +
        `is restored. New agents can be entered up to ${MAX_ENTERED} per tenant.`,
      tag,
      params: AgentParams,
      body: Strict({
        name: Type.Optional(EntryName('Null: it has no name.')),
        tags: Type.Optional(TagList),
        created_by: Type.Optional(Nullable(Id('The user who created it.'))),
      }),
      answers: { 200: Agent },
      errors: ['CONFLICT'],
    }),
    async (request) =>
      shown(await putAgent(pool, registry, tenantOf(request), request.params.id, request.body)),
  );

  app.delete(
    '/directory/agents/:id',
    writeRoute({
      summary: 'Deletes an agent',
      description:
        'It is hidden from the lists of agents. Its history stays, and it is back when it acts again.',
      tag,
      params: AgentParams,
      answers: { 204: Deleted },
      errors: ['AGENT_NOT_FOUND'],
    }),
    async (request, reply) => {
      await deleteAgent(pool, tenantOf(request), request.params.id);
      reply.code(204);
      return null;
    },
  );
}
