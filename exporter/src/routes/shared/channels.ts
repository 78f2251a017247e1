/** What the routes of one channel share. */
import { Type } from 'typebox';
import { ID_PATTERN } from '../../ids.js';
import { ERROR_CODE, Strict } from '../../schemas.js';

export const ChannelParams = Strict({
  name: Type.String({ pattern: ID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The channel.' }),
});
