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

/** Colours by meaning, for all dashboards. They are names of Grafana's palette, so that themes apply. */
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

/** Assigns the palette's colours in the order of the series. */
export function colorByOrder(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic);
}

/** Always uses the same colour for the same name. */
export function colorByName(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName);
}

/** @param base colour below the first step @param steps pairs of a value and the colour from that value on */
export function thresholds(base: string, ...steps: [number, string][]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholdSteps(base, steps));
}

function thresholdSteps(base: string, steps: [number, string][]): Threshold[] {
  return [{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))];
}

/** Maps text values to colours. */
export function colorMappings(colors: Record<string, string>): ValueMapping[] {
  const options = Object.entries(colors).map(([text, color], index) => [text, { color, index }]);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) as ValueMap['options'] }];
}

/** Colours of execution statuses. */
export const STATUS_COLORS = {
  success: COLOR.good,
  failure: COLOR.bad,
  timeout: COLOR.warning,
  blocked: COLOR.rotation,
  running: COLOR.calls,
};

/** Properties for overrides. */
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
