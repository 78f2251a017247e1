/** The channels that every tenant has without making them: those of the environment. */
import type { Channel } from './channels.js';

export interface BuiltInSettings {
  alertEmailTo?: readonly string[];
  slackWebhookUrl?: string;
}

/** Each has the name of its type. */
export function builtInChannels({ alertEmailTo, slackWebhookUrl }: BuiltInSettings): Map<string, Channel> {
  const channels: Channel[] = [];
  if (alertEmailTo !== undefined)
    channels.push({ name: 'email', type: 'email', config: { to: alertEmailTo } });
  if (slackWebhookUrl !== undefined)
    channels.push({ name: 'slack', type: 'slack', config: { webhook_url: slackWebhookUrl } });
  return new Map(channels.map((channel) => [channel.name, channel]));
}
