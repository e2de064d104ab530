-- Written by Prisma from the schema, then by hand where a comment says so.

-- By hand: what is there already gets the defaults of the day.
ALTER TABLE "cluster" ADD COLUMN "ha" JSONB NOT NULL DEFAULT '{"mode":"armed","modeReason":null,"suspectMs":3000,"decideMs":8000,"isolatedHost":"leave","isolationResponse":"leave","leaseMs":30000,"selfFenceProof":"watchdog","storm":{"hosts":2,"share":0.5},"referenceAddresses":[],"fenceQuietMs":0,"flap":{"times":3,"windowMs":3600000,"quarantineMs":3600000},"startsPerHost":4,"tierTimeoutMs":120000,"admission":{"by":"hosts","hostFailures":1,"reservedShare":0.25,"action":"warn"},"placement":{"overcommitMemory":false,"onStart":"home"}}';
ALTER TABLE "cluster" ALTER COLUMN "ha" DROP DEFAULT,
ADD COLUMN "balance" JSONB;

ALTER TABLE "host" ADD COLUMN "proof" JSONB,
ADD COLUMN "incident_id" TEXT,
ADD COLUMN "lost_at" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN "quarantined_until" TIMESTAMPTZ(3),
ADD COLUMN "held" JSONB;
ALTER TABLE "host" ALTER COLUMN "lost_at" DROP DEFAULT;

ALTER TABLE "vm" ADD COLUMN "desired" TEXT,
ADD COLUMN "ha" JSONB NOT NULL DEFAULT '{"restart":"protected","tier":3,"readyMs":0,"isolation":null,"retries":{"sameHost":1,"otherHosts":2},"failback":false}',
ADD COLUMN "recovery" JSONB,
ADD COLUMN "stale_on" JSONB,
ADD COLUMN "bound" TEXT,
ADD COLUMN "home_id" TEXT;
UPDATE "vm" SET "desired" = CASE WHEN "power" IN ('running', 'paused') THEN 'running' ELSE 'stopped' END;
ALTER TABLE "vm" ALTER COLUMN "desired" SET NOT NULL,
ALTER COLUMN "ha" DROP DEFAULT;

ALTER TABLE "task" ADD COLUMN "host" JSONB,
ADD COLUMN "parent_id" TEXT;

-- CreateTable
CREATE TABLE "rule" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "relation" TEXT NOT NULL,
    "strict" BOOLEAN NOT NULL,
    "vm_ids" TEXT[],
    "hosts" JSONB NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "fence" (
    "id" TEXT NOT NULL,
    "host_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "level" INTEGER NOT NULL,
    "agent" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "sealed" JSONB NOT NULL,
    "via_host_id" TEXT,
    "delay_ms" INTEGER NOT NULL,
    "retries" INTEGER NOT NULL,
    "timeout_ms" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "last_test" JSONB,

    CONSTRAINT "fence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "host" JSONB,
    "datastore" JSONB,
    "title" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "finding" TEXT,
    "evidence" JSONB NOT NULL,
    "decision" TEXT,
    "proof" JSONB,
    "marks" JSONB NOT NULL,
    "vms" JSONB NOT NULL,

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alarm" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "about" JSONB NOT NULL,
    "code" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "raised_at" TIMESTAMPTZ(3) NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,

    CONSTRAINT "alarm_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "rule_cluster_id_idx" ON "rule"("cluster_id");

-- CreateIndex
CREATE INDEX "fence_host_id_idx" ON "fence"("host_id");

-- CreateIndex
CREATE INDEX "incident_cluster_id_opened_at_idx" ON "incident"("cluster_id", "opened_at");

-- CreateIndex
CREATE INDEX "alarm_cluster_id_raised_at_idx" ON "alarm"("cluster_id", "raised_at");

-- AddForeignKey, by hand made deferrable: a batch writes in any order.
ALTER TABLE "rule" ADD CONSTRAINT "rule_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "fence" ADD CONSTRAINT "fence_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;
