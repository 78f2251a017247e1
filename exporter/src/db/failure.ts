/** SQLSTATEs that the code distinguishes. */

/** A lock was not granted within `lock_timeout`. */
export const LOCK_NOT_AVAILABLE = '55P03';
export const UNIQUE_VIOLATION = '23505';
/** A check constraint failed; also raised for a row without a partition. */
export const CHECK_VIOLATION = '23514';
/** A parameter has an invalid value, such as an unknown time zone. */
export const INVALID_PARAMETER_VALUE = '22023';
