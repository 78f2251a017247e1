import { map } from 'rxjs';
import { findMetric } from '../../api/catalog';
import { isoRange } from '../../queries/context';
import type { QueryTypeDefinition } from '../definition';
import { alertStateFrames } from './alerts';
import { jobFailureFrames } from './jobs';
import type { AnnotationTarget } from './query';
import { planRotations, rotationFrames, ROTATIONS } from './rotations';

/** Marks on graphs: credential rotations, failed jobs or changes of the state of alerts. */
export const annotation: QueryTypeDefinition<'annotation', AnnotationTarget> = {
  type: 'annotation',
  defaults: {},
  isComplete: (query) => Boolean(query.annotation),
  displayText: (query) => `Annotation: ${query.annotation}`,
  filterDimensions: (_, catalog) => findMetric(catalog, ROTATIONS)?.dimensions,
  whyNotFiltered: (_, catalog) => `${findMetric(catalog, ROTATIONS)?.title} does not have this dimension`,
  needsCatalog: (query) => query.annotation === 'rotations',
  request: (query, context, client) => {
    if (query.annotation === 'rotations') {
      return { plan: planRotations(query, context), toFrames: rotationFrames };
    }
    const { from, to } = isoRange(context.range);
    if (query.annotation === 'alerts') {
      return { frames: alertStateFrames(query.refId, { from, to }, client) };
    }
    return { frames: client.jobs(from, to).pipe(map((runs) => jobFailureFrames(query.refId, runs))) };
  },
};
