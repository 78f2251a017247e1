/** `/directory/users`: the users on whose behalf agents act, with names and emails. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute, writeRoute } from '../../../http/route-options.js';
import { listUsers } from '../../../query/reports/directory.js';
import { Id, Nullable, Strict, TimeText } from '../../../schemas.js';
import { type DirectoryUser, forgetUser, MAX_ENTERED, putUser } from '../../../tenants/directory.js';
import { formatTime } from '../../../time.js';
import { NextPage } from '../../shared/cursors.js';
import { Deleted } from '../../shared/deleted.js';
import { directoryParameters, EntryName, pageRequest, SeenAt, wireTime } from '../../shared/directory.js';

const tag = 'Directory';

const Email = Nullable(Type.String({ format: 'email', maxLength: 254, description: 'Their email address.' }));
const User = Strict({
  user_id: Id('The user.'),
  name: EntryName('Their name.'),
  email: Email,
  created_at: TimeText('When they were registered.'),
  last_seen_at: SeenAt('The last event or execution on their behalf.'),
});
const UserParams = Strict({ id: Id('The user.') });

const shown = ({ created_at, last_seen_at, ...user }: DirectoryUser) => ({
  ...user,
  created_at: formatTime(created_at.getTime()),
  last_seen_at: wireTime(last_seen_at),
});

export default function routes(app: App, { pool, services: { registry } }: RouteContext): void {
  app.get(
    '/directory/users',
    readRoute({
      summary: 'The users of the tenant, in the order of their ids',
      description: '`search` also looks into emails.',
      tag,
      querystring: Strict(directoryParameters),
      answer: Strict({ users: Type.Array(User), next_cursor: NextPage }),
    }),
    async (request) => {
      const { rows, next_cursor } = await listUsers(
        request.reader,
        tenantOf(request),
        pageRequest(request.query),
      );
      return { users: rows.map(shown), next_cursor };
    },
  );

  app.put(
    '/directory/users/:id',
    writeRoute({
      summary: 'Names a user',
      description:
        'Fields that are left out keep their values. A user who is not there is registered. New users can be entered up ' +
        `to ${MAX_ENTERED} per tenant.`,
      tag,
      params: UserParams,
      body: Strict({
        name: Type.Optional(EntryName('Null: they have no name.')),
        email: Type.Optional(Email),
      }),
      answers: { 200: User },
      errors: ['CONFLICT'],
    }),
    async (request) =>
      shown(await putUser(pool, registry, tenantOf(request), request.params.id, request.body)),
  );

  app.delete(
    '/directory/users/:id',
    writeRoute({
      summary: 'Forgets the name and email of a user',
      description: 'The id stays with what ran on their behalf.',
      tag,
      params: UserParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await forgetUser(pool, registry, tenantOf(request), request.params.id);
      reply.code(204);
      return null;
    },
  );
}
