/** An agent in the parameters and answers about identity usage. */
import { Type } from 'typebox';
import { Id, Text } from '../../schemas.js';

export const agentParameter = { agentId: Type.Optional(Id('Only this agent.')) };
export const agent = { agentId: Id('The agent.'), agentName: Text };
