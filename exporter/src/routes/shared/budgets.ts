/** What budgets and reservations both say of a budget. */
import { Type } from 'typebox';
import { ALERT_TYPES } from '../../costs/budget.js';
import { NO_NUL } from '../../ids.js';
import { Nullable, Usd } from '../../schemas.js';

export const MAX_USD = 1_000_000_000_000;

export const budgetId = Type.String({ description: 'UUID.' });
export const budgetName = Nullable(Type.String({ minLength: 1, maxLength: 200, pattern: NO_NUL }));
export const threshold = Usd('The most that may be spent in the period.');
export const currentSpend = Usd(
  'Spent within the period. Unpriced executions count with the estimates of their reservations.',
);
export const alertType = Type.String({
  enum: [...ALERT_TYPES],
  default: 'warning',
  description: '`hard_stop` also refuses reservations that would exceed the threshold.',
});
