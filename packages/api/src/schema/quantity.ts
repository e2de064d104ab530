import { z } from 'zod'

const MiB = 1024 ** 2
const GiB = 1024 ** 3
const TiB = 1024 ** 4

export const vcpus = z
  .int('must be a whole number, such as 2.')
  .min(1, 'must be at least 1. A VM needs a CPU.')
  .max(512, 'is more than 512, the most that a VM may have. Choose fewer.')

export const memoryBytes = z
  .int('must be a whole number of bytes.')
  .min(16 * MiB, 'is less than 16 MiB. Give more memory.')
  .max(16 * TiB, 'is more than 16 TiB, the most that a VM may have. Give less.')
  .multipleOf(MiB, 'is not a whole number of MiB. Round it.')

export const diskBytes = z
  .int('must be a whole number of bytes.')
  .min(MiB, 'is less than 1 MiB. Make the disk larger.')
  .max(64 * TiB, 'is more than 64 TiB, the most that a disk may have. Make it smaller.')

export const bandwidthBytesPerSecond = z
  .int('must be a whole number of bytes per second.')
  .min(MiB, 'is less than 1 MiB/s: a migration would not end. Allow more, or set no limit.')
  .max(1024 * GiB, 'is more than 1 TiB/s. Set no limit instead.')

/** A deadline: how long something may take, from now. */
export const deadlineMs = z
  .int('must be a whole number of milliseconds.')
  .min(1_000, 'is less than one second. Allow more time.')
  .max(24 * 3_600_000, 'is more than a day. Allow less time.')

export const downtimeMs = z
  .int('must be a whole number of milliseconds.')
  .min(1, 'must be at least 1 ms.')
  .max(60_000, 'is more than a minute. Use a cold migration instead.')

export const pageSize = z
  .int('must be a whole number.')
  .min(1, 'must be at least 1.')
  .max(1_000, 'is more than 1,000. Ask for fewer and go on from the last one.')

/** Epoch milliseconds. */
export const at = z
  .int('must be a time in milliseconds since 1970.')
  .min(0, 'is before 1970.')
  .max(Date.UTC(9999, 11, 31), 'is after the year 9999. Give milliseconds since 1970.')
