export { placeholder } from '../core';
