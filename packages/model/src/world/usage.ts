/** What a host used during the last second or so. */
export interface HostUsage {
  /** 0 to 1 of all its cores. */
  cpu: number
  memoryUsedBytes: number
  diskReadBytesPerSecond: number
  diskWriteBytesPerSecond: number
  networkInBytesPerSecond: number
  networkOutBytesPerSecond: number
  /** 0 to 1: the share of time in which something waited for CPU or memory, or all of it for disks; absent: not known. */
  pressure?: number
}

/** What a VM used. `cpu` is in cores, so 1.5 means one and a half. */
export interface VmUsage {
  cpu: number
  memoryUsedBytes: number
  diskReadBytesPerSecond: number
  diskWriteBytesPerSecond: number
  networkInBytesPerSecond: number
  networkOutBytesPerSecond: number
  /** 0 to 1: the share of its vCPUs' time in which they were ready to run and did not; absent: not known. */
  pressure?: number
}
