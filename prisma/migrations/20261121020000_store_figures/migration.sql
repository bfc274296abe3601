-- AlterTable
ALTER TABLE "Store" ADD COLUMN     "figures" JSONB,
ADD COLUMN     "figuresAt" TIMESTAMPTZ(6),
ADD COLUMN     "prices" JSONB;
