-- Written by Prisma from the schema, then by hand where a comment says so.

ALTER TABLE "cluster" ADD COLUMN "power" JSONB;

ALTER TABLE "host" ADD COLUMN "standby" JSONB,
ADD COLUMN "wake" JSONB,
ADD COLUMN "power_model" JSONB;

ALTER TABLE "vm" ADD COLUMN "automation" TEXT;

-- By hand: how clusters that are balanced already go on.
UPDATE "cluster" SET "balance" = '{"level":null,"budget":{"movesPerHour":30,"bytesPerHour":null},"windows":[],"version":1}'::jsonb || "balance"
WHERE "balance" IS NOT NULL;

-- CreateTable
CREATE TABLE "threshold" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "above" DOUBLE PRECISION NOT NULL,
    "for_ms" INTEGER NOT NULL,
    "until" DOUBLE PRECISION NOT NULL,
    "tags" TEXT[],
    "host_ids" TEXT[],
    "windows" JSONB NOT NULL,
    "cooldown_ms" INTEGER NOT NULL,
    "budget" JSONB NOT NULL,
    "min_gain" DOUBLE PRECISION NOT NULL,
    "automation" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "above_since" JSONB NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "threshold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decision" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "by" JSONB NOT NULL,
    "automatic" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL,
    "person" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "text" TEXT NOT NULL,
    "before" JSONB NOT NULL,
    "after" JSONB NOT NULL,
    "hosts" JSONB NOT NULL,
    "moves" JSONB NOT NULL,
    "power" JSONB NOT NULL,
    "inputs" TEXT NOT NULL,

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shadow" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "rules" JSONB NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "memory" JSONB NOT NULL,
    "days" JSONB NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "shadow_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "threshold_cluster_id_idx" ON "threshold"("cluster_id");

-- CreateIndex
CREATE INDEX "decision_cluster_id_at_idx" ON "decision"("cluster_id", "at");

-- CreateIndex
CREATE UNIQUE INDEX "shadow_cluster_id_key" ON "shadow"("cluster_id");

-- AddForeignKey, by hand made deferrable: a batch writes in any order.
ALTER TABLE "threshold" ADD CONSTRAINT "threshold_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "shadow" ADD CONSTRAINT "shadow_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- By hand: recorded usage. A row holds windows of one object that follow one another, each column little-endian floats, NaN where
-- nothing was heard. Partitions by time are made and dropped by the leading daemon. A row is small enough to
-- be overwritten in place.
CREATE TABLE "usage_raw" (
    "object" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "cpu_mean" BYTEA,
    "cpu_p95" BYTEA,
    "cpu_max" BYTEA,
    "memory_mean" BYTEA,
    "memory_max" BYTEA,
    "disk_mean" BYTEA,
    "network_mean" BYTEA,
    "pressure_mean" BYTEA,
    "watts_mean" BYTEA,
    "saved_watts_mean" BYTEA,

    CONSTRAINT "usage_raw_pkey" PRIMARY KEY ("object", "at")
) PARTITION BY RANGE ("at");

CREATE TABLE "usage_5m" (
    "object" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "cpu_mean" BYTEA,
    "cpu_p95" BYTEA,
    "cpu_max" BYTEA,
    "memory_mean" BYTEA,
    "memory_max" BYTEA,
    "disk_mean" BYTEA,
    "network_mean" BYTEA,
    "pressure_mean" BYTEA,
    "watts_mean" BYTEA,
    "saved_watts_mean" BYTEA,

    CONSTRAINT "usage_5m_pkey" PRIMARY KEY ("object", "at")
) PARTITION BY RANGE ("at");

CREATE TABLE "usage_1h" (
    "object" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "cpu_mean" BYTEA,
    "cpu_p95" BYTEA,
    "cpu_max" BYTEA,
    "memory_mean" BYTEA,
    "memory_max" BYTEA,
    "disk_mean" BYTEA,
    "network_mean" BYTEA,
    "pressure_mean" BYTEA,
    "watts_mean" BYTEA,
    "saved_watts_mean" BYTEA,

    CONSTRAINT "usage_1h_pkey" PRIMARY KEY ("object", "at")
) PARTITION BY RANGE ("at");
