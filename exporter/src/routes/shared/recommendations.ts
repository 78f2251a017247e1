/** How a recommendation is answered. */
import { Type } from 'typebox';
import { KINDS } from '../../costs/recommendations/kinds.js';
import { Nullable, Strict, Text, TimeText, Usd } from '../../schemas.js';

const Evidence = Type.Object(
  {
    from: TimeText('From when on executions were looked at.'),
    to: TimeText('Until when, excluded.'),
    arithmetic: Type.String({ description: 'How the savings were worked out.' }),
    executions: Type.Array(Type.String(), { description: 'Ids of executions to look at, at most 5.' }),
  },
  { additionalProperties: true, description: 'Figures of its kind.' },
);

export const RecommendationSchema = Strict({
  id: Type.String({ description: 'UUID, the same whenever it is found.' }),
  kind: Type.String({ enum: KINDS.map(({ name }) => name) }),
  title: Type.String({ description: 'What there is to save, with the figures.' }),
  savings: Nullable(Usd('In 30 days; null if it is not known.')),
  action: Type.String({ description: 'What to do.' }),
  agent_id: Text,
  model: Text,
  evidence: Evidence,
  caveat: Nullable(Type.String({ description: 'What has to be known before it is followed.' })),
  dismissed: Type.Boolean(),
});
