/** What a host used during the last second or so. */
export interface HostUsage {
  /** 0 to 1 of all its cores. */
  cpu: number
  memoryUsedBytes: number
  diskReadBytesPerSecond: number
  diskWriteBytesPerSecond: number
  networkInBytesPerSecond: number
  networkOutBytesPerSecond: number
}

/** What a VM used. `cpu` is in cores, so 1.5 means one and a half. */
export interface VmUsage {
  cpu: number
  memoryUsedBytes: number
  diskReadBytesPerSecond: number
  diskWriteBytesPerSecond: number
  networkInBytesPerSecond: number
  networkOutBytesPerSecond: number
}
