/** virCPUCompareResult, from -1 on. */
export const COMPARE_RESULTS = ['error', 'incompatible', 'identical', 'superset'] as const

/** virConnectCompareCPUFlags. */
export const COMPARE_CPU = { failIncompatible: 1, validateXml: 2 } as const

/** virConnectBaselineCPUFlags. */
export const BASELINE_CPU = { expandFeatures: 1, migratable: 2 } as const
