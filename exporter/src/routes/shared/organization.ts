/** The organization that a route names: the tenant of the token, and no other. */
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import { Id } from '../../schemas.js';

export const organization = {
  org_id: Type.Optional(Id('The organization of the token; another one is refused.')),
};

/** @throws AppError FORBIDDEN for another tenant */
export function requireOwn(tenantId: string, orgId: string | undefined): void {
  if (orgId !== undefined && orgId !== tenantId)
    throw new AppError('FORBIDDEN', 'org_id must be the organization of the token, or left out');
}
