export * from '../money.js';
