// Generated from docs/openapi.yaml by `npm run generate -w client`; do not edit.
export interface paths {
  '/api/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Records usage events
     * @description At most 10000 events and 16 MiB after decompression; gzip is accepted. A 200 means that they are durable. An event with an id can be sent again without changing anything. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            events: {
              /**
               * Format: uuid
               * @description Makes retries safe. One that is not a UUIDv7 requires occurredAt. Default: a new id.
               */
              id?: string;
              /**
               * Format: date-time
               * @description RFC 3339. Default: the time of an id that is a UUIDv7, otherwise now.
               */
              occurredAt?: string;
              /** @description Null for an event of the tenant itself. */
              agentId?: string | null;
              /** @description Renames the agent. */
              agentName?: string | null;
              /** @enum {string} */
              metricType: 'api_calls' | 'token_issuances' | 'token_failures' | 'credential_rotations';
              /** @default 1 */
              count?: number;
              /** @description Such as "GET /agents/17?x=1"; ids and the query string are removed. */
              endpoint?: string | null;
              status?: number | null;
              durationMs?: number | null;
              userId?: string | null;
              /** @description Renames the user. */
              userName?: string | null;
            }[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description New events, durable now. */
              accepted: number;
              /** @description Events that were known before. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EVENT_TOO_OLD' | 'EVENT_IN_FUTURE';
                message: string;
              }[];
            };
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/executions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Records executions
     * @description At most 1000 executions and 16 MiB after decompression; gzip is accepted. An execution with a known id replaces the stored one. Arrays that are left out are kept, and `running` never replaces a finished execution. A 200 means that they are durable. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description What may be kept of the content: `full`; `preview`, without the contents of steps; `none`. It never keeps more than CAPTURE_CONTENT does. */
          'x-capture-content'?: 'none' | 'preview' | 'full';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            executions: {
              /** @description UUID. Sending it again replaces the execution. */
              id: string;
              /** @description Id of the request that started the execution. */
              request_id?: string | null;
              /** @description Session or conversation. */
              session_id?: string | null;
              /** @description The agent; null for the tenant itself. */
              agent_id?: string | null;
              /** @description Renames the agent. */
              agent_name?: string | null;
              /** @description Replaces the tags of the agent. Left out, they stay. */
              agent_tags?: string[] | null;
              /** @description Such as `react`. */
              agent_type?: string | null;
              /** @description Flow or workflow. */
              flow_id?: string | null;
              /** @description User on whose behalf the execution ran. */
              user_id?: string | null;
              /** @description Renames the user. */
              user_name?: string | null;
              /** @description Such as `openai`. */
              provider?: string | null;
              /** @description Such as `gpt-4o`. */
              model_name?: string | null;
              /** @enum {string} */
              status: 'running' | 'success' | 'failure' | 'timeout' | 'blocked';
              /**
               * Format: date-time
               * @description RFC 3339. Determines the hour to which the execution belongs.
               */
              started_at: string;
              /**
               * Format: date-time
               * @description RFC 3339.
               */
              completed_at?: string | null;
              /** @description Default: the time from started_at to completed_at. */
              execution_time_ms?: number | null;
              /** @description Part of the duration that model calls took. */
              llm_time_ms?: number | null;
              /** @description Including tokens read from and written to a cache. */
              input_tokens?: number | null;
              /** @description Including reasoning tokens. */
              output_tokens?: number | null;
              /** @description Sum of input and output; checked if it is sent. */
              total_tokens?: number | null;
              /** @description Part of the input, read from a cache. */
              cached_input_tokens?: number | null;
              /** @description Part of the input, written to a cache. */
              cache_write_tokens?: number | null;
              /** @description Part of the output. */
              reasoning_tokens?: number | null;
              /** @description Part of the tokens written to a cache: those that it keeps for an hour. */
              cache_write_1h_tokens?: number | null;
              /** @description Part of the input that is audio. */
              input_audio_tokens?: number | null;
              /** @description Part of the output that is audio. */
              output_audio_tokens?: number | null;
              /**
               * @description Service tier of the provider, which decides the price. Default: `standard`.
               * @enum {string|null}
               */
              service_tier?: 'standard' | 'batch' | 'flex' | 'priority' | null;
              /** @description USD. Takes precedence over prices. */
              cost_usd?: number | null;
              /**
               * @description Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own price covers the model. Default: a `cost_usd` that is sent is `reported`.
               * @enum {string|null}
               */
              cost_source?: 'reported' | 'computed' | 'unpriced' | null;
              /** @description Truncated to 100 characters. */
              query_preview?: string | null;
              /** @description Kind of failure. */
              error_type?: string | null;
              error_message?: string | null;
              tags?: string[] | null;
              /** @description Reservation that the execution settles. */
              reservation_id?: string | null;
              /** @description Deployment environment, such as `production`. */
              environment?: string | null;
              /** @description Trace of the execution, such as a W3C trace id. */
              trace_id?: string | null;
              /** @description Execution that called this one. Without it, the execution is at the top level. */
              parent_execution_id?: string | null;
              /** @description Service that ran it, as `service.name` of OpenTelemetry. */
              service_name?: string | null;
              /** @description Version of the service. */
              service_version?: string | null;
              steps?:
                | {
                    /** @description Position of the step, which identifies it. */
                    step_number: number;
                    /** @enum {string} */
                    step_type: 'thought' | 'action' | 'observation' | 'tool_call' | 'final_answer';
                    /** @description Truncated to 16 KiB. */
                    content?: string | null;
                    /** @description Tool that was called. */
                    tool_name?: string | null;
                    /** @enum {string|null} */
                    status?: 'running' | 'success' | 'failure' | 'timeout' | 'blocked' | null;
                    /** @description Including tokens read from and written to a cache. */
                    input_tokens?: number | null;
                    /** @description Including reasoning tokens. */
                    output_tokens?: number | null;
                    /** @description Duration. */
                    duration_ms?: number | null;
                    /**
                     * Format: date-time
                     * @description Start of the step.
                     */
                    timestamp?: string | null;
                  }[]
                | null;
              token_usages?:
                | {
                    /** @description Makes appending it again harmless. Default: component, model, step_number and the place among equals. */
                    id?: string | null;
                    /** @description `main_agent`, `sub_agent`, `tool_call` or any other word. */
                    component: string;
                    /** @description Such as `openai`. */
                    provider?: string | null;
                    /** @description Such as `gpt-4o`. */
                    model?: string | null;
                    /** @description Including tokens read from and written to a cache. */
                    input_tokens?: number | null;
                    /** @description Including reasoning tokens. */
                    output_tokens?: number | null;
                    /** @description Sum of input and output; checked if it is sent. */
                    total_tokens?: number | null;
                    /** @description Part of the input, read from a cache. */
                    cached_input_tokens?: number | null;
                    /** @description Part of the input, written to a cache. */
                    cache_write_tokens?: number | null;
                    /** @description Part of the output. */
                    reasoning_tokens?: number | null;
                    /** @description Part of the tokens written to a cache: those that it keeps for an hour. */
                    cache_write_1h_tokens?: number | null;
                    /** @description Part of the input that is audio. */
                    input_audio_tokens?: number | null;
                    /** @description Part of the output that is audio. */
                    output_audio_tokens?: number | null;
                    /**
                     * @description Service tier of the provider, which decides the price. Default: that of the execution.
                     * @enum {string|null}
                     */
                    service_tier?: 'standard' | 'batch' | 'flex' | 'priority' | null;
                    /** @description USD. Takes precedence over prices. */
                    cost_usd?: number | null;
                    /**
                     * @description Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own price covers the model. Default: a `cost_usd` that is sent is `reported`.
                     * @enum {string|null}
                     */
                    cost_source?: 'reported' | 'computed' | 'unpriced' | null;
                    /** @description The step that used the tokens. */
                    step_number?: number | null;
                  }[]
                | null;
            }[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description Executions that were new or changed something, durable now. */
              accepted: number;
              /** @description Executions that changed nothing. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';
                message: string;
              }[];
            };
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/executions/{id}/steps': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Appends steps to an execution
     * @description At most 10000 steps and 16 MiB after decompression; gzip is accepted. A step with the same number is replaced. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description What may be kept of the content: `full`; `preview`, without the contents of steps; `none`. It never keeps more than CAPTURE_CONTENT does. */
          'x-capture-content'?: 'none' | 'preview' | 'full';
        };
        path: {
          /** @description The execution. */
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            steps: {
              /** @description Position of the step, which identifies it. */
              step_number: number;
              /** @enum {string} */
              step_type: 'thought' | 'action' | 'observation' | 'tool_call' | 'final_answer';
              /** @description Truncated to 16 KiB. */
              content?: string | null;
              /** @description Tool that was called. */
              tool_name?: string | null;
              /** @enum {string|null} */
              status?: 'running' | 'success' | 'failure' | 'timeout' | 'blocked' | null;
              /** @description Including tokens read from and written to a cache. */
              input_tokens?: number | null;
              /** @description Including reasoning tokens. */
              output_tokens?: number | null;
              /** @description Duration. */
              duration_ms?: number | null;
              /**
               * Format: date-time
               * @description Start of the step.
               */
              timestamp?: string | null;
            }[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description Steps that were new or changed something, durable now. */
              accepted: number;
              /** @description Steps that changed nothing. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';
                message: string;
              }[];
            };
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/executions/{id}/token-usages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Appends token usages to an execution
     * @description At most 10000 token usages and 16 MiB after decompression; gzip is accepted. A usage replaces one with the same `id`; without an id, one with the same component, model, step_number and position among equal ones in the request. A request of which everything is rejected is answered with 400, and `details.rejected` is the list.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The execution. */
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            token_usages: {
              /** @description Makes appending it again harmless. Default: component, model, step_number and the place among equals. */
              id?: string | null;
              /** @description `main_agent`, `sub_agent`, `tool_call` or any other word. */
              component: string;
              /** @description Such as `openai`. */
              provider?: string | null;
              /** @description Such as `gpt-4o`. */
              model?: string | null;
              /** @description Including tokens read from and written to a cache. */
              input_tokens?: number | null;
              /** @description Including reasoning tokens. */
              output_tokens?: number | null;
              /** @description Sum of input and output; checked if it is sent. */
              total_tokens?: number | null;
              /** @description Part of the input, read from a cache. */
              cached_input_tokens?: number | null;
              /** @description Part of the input, written to a cache. */
              cache_write_tokens?: number | null;
              /** @description Part of the output. */
              reasoning_tokens?: number | null;
              /** @description Part of the tokens written to a cache: those that it keeps for an hour. */
              cache_write_1h_tokens?: number | null;
              /** @description Part of the input that is audio. */
              input_audio_tokens?: number | null;
              /** @description Part of the output that is audio. */
              output_audio_tokens?: number | null;
              /**
               * @description Service tier of the provider, which decides the price. Default: that of the execution.
               * @enum {string|null}
               */
              service_tier?: 'standard' | 'batch' | 'flex' | 'priority' | null;
              /** @description USD. Takes precedence over prices. */
              cost_usd?: number | null;
              /**
               * @description Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own price covers the model. Default: a `cost_usd` that is sent is `reported`.
               * @enum {string|null}
               */
              cost_source?: 'reported' | 'computed' | 'unpriced' | null;
              /** @description The step that used the tokens. */
              step_number?: number | null;
            }[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description Token usages that were new or changed something, durable now. */
              accepted: number;
              /** @description Token usages that changed nothing. */
              duplicates: number;
              rejected: {
                /** @description Position in the request. */
                index: number;
                /** @enum {string} */
                code: 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';
                message: string;
              }[];
            };
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/budgets/reservations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Reserves budget for an execution
     * @description The amount is held until the finished execution with this `reservation_id` arrives, the reservation is deleted, or it expires. Concurrent callers are queued, and only those that fit succeed. If the details of a 503 have a `reservation_id`, the database did not confirm that reservation: it may exist until its `expires_at`, or until it is deleted. After any other 503 nothing is reserved.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** @description The agent whose budgets apply, beside the global ones. */
            agent_id?: string | null;
            /** @description The user whose budgets apply. */
            user_id?: string | null;
            /** @description The flow whose budgets apply. */
            flow_id?: string | null;
            /** @description USD. */
            estimated_cost_usd: number;
            /**
             * @description The reservation expires after this time.
             * @default 900
             */
            ttl_seconds?: number;
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @description UUID, for `reservation_id` of the execution. */
              id: string;
              /**
               * Format: date-time
               * @description When the reservation expires.
               */
              expires_at: string;
              /** @description The active budgets that apply. */
              budgets: {
                /** @description UUID. */
                id: string;
                name: string | null;
                /**
                 * @description `hard_stop` also refuses reservations that would exceed the threshold.
                 * @default warning
                 * @enum {string}
                 */
                alert_type: 'warning' | 'hard_stop';
                /** @description The most that may be spent in the period. USD, at most 6 decimals. */
                threshold_usd: number;
                /** @description Spent within the period. Unpriced executions count with the estimates of their reservations. USD, at most 6 decimals. */
                current_spend_usd: number;
                /** @description Held by open reservations, including this one. USD, at most 6 decimals. */
                reserved_usd: number;
              }[];
            };
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/analytics/budgets/reservations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Releases a reservation
     * @description A reservation that its execution has settled no longer holds anything.
     */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The reservation. */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Deleted. */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Error: {
      /** @enum {string} */
      code:
        | 'VALIDATION_ERROR'
        | 'INVALID_DATE_RANGE'
        | 'INVALID_GRANULARITY'
        | 'TOO_LARGE'
        | 'UNAUTHORIZED'
        | 'BUDGET_EXCEEDED'
        | 'FORBIDDEN'
        | 'ANALYTICS_NOT_AVAILABLE'
        | 'NOT_FOUND'
        | 'AGENT_NOT_FOUND'
        | 'EXECUTION_NOT_FOUND'
        | 'BUDGET_NOT_FOUND'
        | 'CONFLICT'
        | 'PAYLOAD_TOO_LARGE'
        | 'UNSUPPORTED_MEDIA_TYPE'
        | 'RATE_LIMITED'
        | 'INTERNAL_ERROR'
        | 'UNAVAILABLE';
      message: string;
      details?: unknown;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
