import type {
  DynamicConfigValue,
  Threshold,
  ValueMap,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** One colour for one meaning on every dashboard; names of Grafana's palette, so that themes apply. */
export const COLOR = {
  calls: 'blue',
  good: 'green',
  bad: 'red',
  warning: 'orange',
  rotation: 'purple',
  total: 'text',
  neutral: 'blue',
} as const;

export function fixedColor(color: string): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color);
}

export function colorByThreshold(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

/** Colours as far apart as the palette has them, in the order of the series. */
export function colorByOrder(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic);
}

/** The same colour for a name wherever it is drawn. */
export function colorByName(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName);
}

/** @param steps the colour from the bottom, then pairs of a value and the colour from there on */
export function thresholds(base: string, ...steps: [number, string][]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholdSteps(base, steps));
}

function thresholdSteps(base: string, steps: [number, string][]): Threshold[] {
  return [{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))];
}

/** The colour of each text that a field may have. */
export function colorMappings(colors: Record<string, string>): ValueMapping[] {
  const options = Object.entries(colors).map(([text, color], index) => [text, { color, index }]);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) as ValueMap['options'] }];
}

/** How an execution ended, on every dashboard. */
export const STATUS_COLORS = {
  success: COLOR.good,
  failure: COLOR.bad,
  timeout: COLOR.warning,
  blocked: COLOR.rotation,
  running: COLOR.calls,
};

/** Properties of an override. */
export const set = {
  color: (color: string): DynamicConfigValue => ({
    id: 'color',
    value: { mode: FieldColorModeId.Fixed, fixedColor: color },
  }),
  unit: (unit: string): DynamicConfigValue => ({ id: 'unit', value: unit }),
  decimals: (decimals: number): DynamicConfigValue => ({ id: 'decimals', value: decimals }),
  min: (min: number): DynamicConfigValue => ({ id: 'min', value: min }),
  max: (max: number): DynamicConfigValue => ({ id: 'max', value: max }),
  displayName: (name: string): DynamicConfigValue => ({ id: 'displayName', value: name }),
  noValue: (text: string): DynamicConfigValue => ({ id: 'noValue', value: text }),
  mappings: (colors: Record<string, string>): DynamicConfigValue => ({
    id: 'mappings',
    value: colorMappings(colors),
  }),
  custom: (path: string, value: unknown): DynamicConfigValue => ({ id: `custom.${path}`, value }),
  thresholds: (base: string, ...steps: [number, string][]): DynamicConfigValue => ({
    id: 'thresholds',
    value: { mode: ThresholdsMode.Absolute, steps: thresholdSteps(base, steps) },
  }),
};
