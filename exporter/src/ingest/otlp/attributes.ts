/** Decoded attributes of a span or a resource. */
export type AttributeValue = string | number | boolean | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** What a value is read as. */
export type Kind = 'text' | 'count' | 'money' | 'content' | 'tier' | 'error';
