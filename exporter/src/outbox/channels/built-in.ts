/** The channels that every tenant has without making them: those of the environment. */
import type { Channel } from './channels.js';
import type { ChannelType } from './types.js';

export interface BuiltInSettings {
  alertEmailTo?: readonly string[];
  slackWebhookUrl?: string;
}

const NAMES: readonly string[] = ['email', 'slack'] satisfies ChannelType[];

/** The type of a channel that the tenant has not made. */
export const builtInType = (name: string): string => (NAMES.includes(name) ? name : 'unknown');

/** Each has the name of its type. */
export function builtInChannels({ alertEmailTo, slackWebhookUrl }: BuiltInSettings): Map<string, Channel> {
  const channels: Channel[] = [];
  if (alertEmailTo !== undefined)
    channels.push({ name: 'email', type: 'email', config: { to: alertEmailTo } });
  if (slackWebhookUrl !== undefined)
    channels.push({ name: 'slack', type: 'slack', config: { webhook_url: slackWebhookUrl } });
  return new Map(channels.map((channel) => [channel.name, channel]));
}
