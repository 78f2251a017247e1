/** `/channels`: where messages go, and how their deliveries went. */
import { Type } from 'typebox';
import { type App, authorOf, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { ID_PATTERN } from '../../ids.js';
import { MAX_CHANNELS } from '../../outbox/channels/channels.js';
import { CHANNEL_TYPES, type ChannelConfig, type ChannelType } from '../../outbox/channels/types.js';
import { DELIVERY_STATES, latestDeliveries } from '../../outbox/history.js';
import { MESSAGE_KINDS } from '../../outbox/messages.js';
import { decodeCursor, encodeCursor } from '../../query/reports/cursor.js';
import { Nullable, Strict, TimeText } from '../../schemas.js';
import { ChannelParams } from '../shared/channels.js';
import { Cursor, NextPage } from '../shared/cursors.js';
import { Deleted } from '../shared/deleted.js';

const tag = 'Channels';

const name = Type.String({ pattern: ID_PATTERN, description: 'Unique within the tenant.' });
const type = Type.Unsafe<ChannelType>(Type.String({ enum: [...CHANNEL_TYPES] }));
const CONFIG = [
  'By type. Secret fields are answered as `true`.',
  '`email`: `to`, a list of addresses.',
  '`slack`: `webhook_url`, secret.',
  '`webhook`: `url`; optional `secret` and `headers`, both secret.',
  '`pagerduty`: `routing_key`, secret.',
  '`alertmanager`: `url`; optional `headers`, secret.',
].join(' ');
const config = Type.Unsafe<ChannelConfig>(
  Type.Object({}, { additionalProperties: true, description: CONFIG }),
);

const channel = {
  name,
  type,
  config,
  created_at: Nullable(TimeText('Null for a channel that the operator has set for all tenants.')),
};
const Channel = Strict(channel);
const ChannelDetail = Strict({
  ...channel,
  deliveries: Type.Array(
    Strict({
      message_id: Type.String({ description: 'UUID; as `Message-ID`, `webhook-id` or `dedup_key`.' }),
      kind: Type.String({ enum: [...MESSAGE_KINDS] }),
      title: Type.String(),
      created_at: TimeText('When the message was stored.'),
      state: Type.String({
        enum: [...DELIVERY_STATES],
        description: '`waiting` for its first or next attempt; `failed` is final.',
      }),
      attempts: Type.Integer({ minimum: 0 }),
      next_attempt_at: Nullable(TimeText('Null once it is sent or given up.')),
      sent_at: Nullable(TimeText('When the receiver accepted it.')),
      last_error: Nullable(
        Type.String({ description: 'Why the last attempt failed, or some recipients were refused.' }),
      ),
    }),
    { description: 'The latest 20, newest first.' },
  ),
});

export default function routes(app: App, { services: { channels } }: RouteContext): void {
  app.get(
    '/channels',
    readRoute({
      summary: 'Channels, by name',
      tag,
      querystring: Strict({
        limit: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MAX_CHANNELS,
            default: MAX_CHANNELS,
            description: 'Channels per page.',
          }),
        ),
        cursor: Cursor,
      }),
      answer: Strict({ channels: Type.Array(Channel), next_cursor: NextPage }),
    }),
    async (request) => {
      const { limit = MAX_CHANNELS, cursor } = request.query;
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, ['string'])[0]);
      const found = await channels.list(request.reader, tenantOf(request), limit, after);
      const page = found.slice(0, limit);
      return {
        channels: page,
        next_cursor: found.length > limit ? encodeCursor([page.at(-1)!.name]) : null,
      };
    },
  );

  app.post(
    '/channels',
    adminRoute({
      summary: 'Creates a channel',
      description: `At most ${MAX_CHANNELS} per tenant.`,
      tag,
      body: Strict({ name, type, config }),
      answers: { 201: Channel },
      errors: ['CONFLICT'],
    }),
    async (request, reply) => {
      const made = await channels.create(tenantOf(request), request.body, authorOf(request));
      reply.code(201);
      return made;
    },
  );

  app.get(
    '/channels/:name',
    readRoute({
      summary: 'One channel with its latest deliveries',
      tag,
      params: ChannelParams,
      answer: ChannelDetail,
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const { name } = request.params;
      const found = await channels.get(request.reader, tenant, name);
      return { ...found, deliveries: await latestDeliveries(request.reader, tenant, name) };
    },
  );

  app.patch(
    '/channels/:name',
    adminRoute({
      summary: 'Changes the configuration of a channel',
      description:
        'Fields that are left out keep their values, and so do secrets that are `true`. Null removes an optional field.',
      tag,
      params: ChannelParams,
      body: Strict({ config }),
      answers: { 200: Channel },
      errors: ['NOT_FOUND', 'CONFLICT'],
    }),
    async (request) =>
      channels.change(tenantOf(request), request.params.name, request.body.config, authorOf(request)),
  );

  app.delete(
    '/channels/:name',
    adminRoute({
      summary: 'Deletes a channel; its messages that wait are given up',
      tag,
      params: ChannelParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND', 'CONFLICT'],
    }),
    async (request, reply) => {
      await channels.delete(tenantOf(request), request.params.name, authorOf(request));
      reply.code(204);
      return null;
    },
  );
}
