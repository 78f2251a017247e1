/** The format of each type of channel that is sent requests. */
import type { ChannelType } from '../channels/types.js';
import { alertmanagerFormat } from './alertmanager.js';
import type { Format } from './format.js';
import { pagerdutyFormat } from './pagerduty.js';
import { slackFormat } from './slack.js';
import { webhookFormat } from './webhook.js';

export const FORMATS: Record<Exclude<ChannelType, 'email'>, Format> = {
  slack: slackFormat,
  webhook: webhookFormat,
  pagerduty: pagerdutyFormat,
  alertmanager: alertmanagerFormat,
};
