import type { Refusal } from '@drover/model'

/** Refused where somebody changed it since it was looked at. Who does not say which version was seen changes what there is. */
export function checkVersion(what: string, { version }: { version: number }, seen?: number): Refusal[] {
  return seen === undefined || seen === version ? [] : [{ code: 'changed_since', what, is: version, seen }]
}
