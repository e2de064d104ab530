import { expect, test } from 'vitest'
import { bucketQuantile, quantile } from './statistics'

test('quantiles lie between the values', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([1, 2, 3, 4, 5], 0.9)).toBeCloseTo(4.6)
  expect(quantile([7], 0.99)).toBe(7)
  expect(quantile([], 0.5)).toBeNaN()
})

test('quantiles of buckets are found where the count passes them', () => {
  const buckets: [number, number][] = [
    [1, 50],
    [2, 90],
    [4, 100],
    [Number.POSITIVE_INFINITY, 100],
  ]
  expect(bucketQuantile(buckets, 0.5)).toBe(1)
  expect(bucketQuantile(buckets, 0.7)).toBe(1.5)
  expect(bucketQuantile(buckets, 0.95)).toBe(3)
  expect(bucketQuantile([[1, 0]], 0.5)).toBeNaN()
})
