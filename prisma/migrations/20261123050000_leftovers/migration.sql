-- AlterTable
ALTER TABLE "host" ADD COLUMN "leftovers" JSONB;
